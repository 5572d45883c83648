#!/bin/sh
# Every command of the shell without a server, on two schemas: what it prints, its exit status, and what it does to nonsense.
# usage: commands.sh NOTES WORKOUT TRAINING_LOG
set -eu
notes=$1 workout=$2 log=$3
. "$(dirname "$0")/checks.sh"

# Help, and a command line that cannot be.
expect 0 '^Usage: notes' "$notes" --help
expect 0 'folder \(inside, name\)' "$notes" --help
expect 0 'Exit status: 0 done; 1 refused' "$notes" --help
for command in import add set rm show sync claim status conflicts quarantine why graph; do
    expect 0 "^Usage: notes $command" "$notes" $command --help
done
expect 2 'which command' "$notes"
expect 2 'not expected: frobnicate' "$notes" frobnicate
expect 2 'not expected: --frobnicate' "$notes" --db a.db status --frobnicate
expect 2 'add needs --db FILE' "$notes" add folder name=x
expect 2 'ENTITY is required' "$notes" --db a.db add
expect 2 "no entity 'tree'; there are folder, note" "$notes" --db a.db add tree name=x
expect 2 'import needs an ENTITY and a FILE' "$notes" --db a.db import some.csv
[ ! -e a.db ] || same 'a wrong command line made a store' '' a.db

# Files that are no stores.
expect 1 'there is no file a.db' "$notes" --db a.db status
echo 'this is no database, and it is long enough to be one if it were one' > junk.db
expect 1 'junk.db: .*not a database' "$notes" --db junk.db add folder name=x
expect 1 'unable to open' "$notes" --db no/such/folder/a.db add folder name=x
"$workout" --db workout.db add exercise name=Squat > output
expect 1 'workout.db: .*schema' "$notes" --db workout.db status

# Values of every kind, and back.
expect 0 '^home$' "$notes" --db a.db add folder id=home name=Home
expect 0 '^n1$' "$notes" --db a.db add note id=n1 folder=home title=First 'text=a "quote", a line
and a tab	' done=true stars=-128 weight=0.5 mark=2 thumbnail=AAEC 'tags=b,a\,c' pages=30,4 \
    written=2024-01-08T19:50:28.125Z due=2024-02-29
expect 0 '"id":"n1","folder":"home","title":"First","text":"a \\"quote\\", a line\\nand a tab\\t","done":true,"stars":-128,"weight":0.5,"mark":2,"thumbnail":"AAEC","tags":\["a,c","b"\],"pages":\["4","30"\],"written":"2024-01-08T19:50:28.125Z","due":"2024-02-29T00:00:00Z"' \
    "$notes" --db a.db show note n1 --json
expect 0 '^text +a "quote", a line\\nand a tab\\t$' "$notes" --db a.db show note n1
expect 0 '^tags +a\\,c,b$' "$notes" --db a.db show note n1
expect 0 '^n2$' "$notes" --db a.db add note id=n2 folder=home
expect 0 '"title":"untitled","text":null,"done":false,"stars":3,"weight":null,"mark":-1,"thumbnail":"","tags":\[\],"pages":null' \
    "$notes" --db a.db show note n2 --json
expect 0 '' "$notes" --db a.db set note n1 text= weight= due= 'thumbnail=0x00ffAB' title=
expect 0 '"title":"","text":null.*"weight":null.*"thumbnail":"AP[+]r".*"due":null' "$notes" --db a.db show note n1 --json
expect 0 '' "$notes" --db a.db set note n1 written=2024-01-08T21:50:28+02:00
expect 0 '^written +2024-01-08T19:50:28Z$' "$notes" --db a.db show note n1

# Values that cannot be: status 2, and nothing is written.
before=$("$notes" --db a.db show --json)
for wrong in done=yes done= stars=128 stars=1.5 stars= stars=12x weight=nan weight=heavy mark=red thumbnail=xyz thumbnail=0x1 pages=1,two \
    written=yesterday written=2024-02-30T00:00:00Z written=2024-01-08T24:00:00Z due=2024-13-01; do
    expect 2 "is no value of|has another type" "$notes" --db a.db set note n1 title=changed "$wrong"
done
expect 2 "no field 'colour' in note \(folder, title," "$notes" --db a.db set note n1 colour=1
expect 2 'not of the form field=value' "$notes" --db a.db set note n1 title
expect 2 'title is given twice' "$notes" --db a.db set note n1 title=a title=b
expect 2 'a note needs folder=' "$notes" --db a.db add note title=x
expect 2 "'folder' takes|is no value of folder" "$notes" --db a.db set note n1 folder=
expect 2 "'a b' is no id" "$notes" --db a.db add folder 'id=a b'
expect 1 'already' "$notes" --db a.db add folder id=home
expect 1 "no folder 'nowhere'" "$notes" --db a.db add note folder=nowhere
expect 1 "no note 'n3'; the beginning of an id needs 4" "$notes" --db a.db set note n3 title=x
bad=$(printf 'title=\377')
expect 2 'is no value of title' "$notes" --db a.db set note n1 "$bad"
same 'a refused edit changed something' "$before" "$("$notes" --db a.db show --json)"

# The beginning of an id.
"$notes" --db a.db add folder id=shared-one name=1 > output
"$notes" --db a.db add folder id=shared-two name=2 > output
expect 0 '^name +1$' "$notes" --db a.db show folder shared-o
expect 1 "'shar' is ambiguous: shared-one and shared-two begin with it" "$notes" --db a.db show folder shar
expect 1 "no folder 'sha'; the beginning" "$notes" --db a.db show folder sha
expect 0 '' "$notes" --db a.db set note n2 folder=shared-t
expect 0 '^folder +shared-two$' "$notes" --db a.db show note n2

# A tree: no row owns itself, and a row takes what it owns with it.
expect 0 '' "$notes" --db a.db set folder shared-one inside=shared-two
expect 1 'ownership_loop' "$notes" --db a.db set folder shared-two inside=shared-one
expect 0 'removed 3 row' "$notes" --db a.db rm folder shared-two
expect 1 "no note 'n2'" "$notes" --db a.db show note n2
expect 0 '"removed":1' "$notes" --db a.db rm note n1 --json

# What there is.
expect 0 '^folders +1 +1 +0$' "$notes" --db a.db status
expect 0 'never synced' "$notes" --db a.db status
expect 0 '"rows":1,"pending":1,"quarantined":0,"conflicts":0' "$notes" --db a.db status --json
expect 0 '^standing +waiting' "$notes" --db a.db why folder home
expect 0 '"standing":"waiting","serverId":""' "$notes" --db a.db why folder home --json
expect 1 'there is no folder' "$notes" --db a.db why folder nowhere
expect 0 '^no conflicts$' "$notes" --db a.db conflicts
expect 1 'there is no conflict 7' "$notes" --db a.db conflicts forget 7
expect 0 '^nothing was refused$' "$notes" --db a.db quarantine
expect 0 '^\[\]$' "$notes" --db a.db quarantine --json
expect 0 '^{"folders":\[{"id":"home","inside":null,"name":"Home"}\],"notes":\[\]}$' "$notes" --db a.db show --json
expect 0 '^\[\]$' "$notes" --db a.db show note --json
expect 0 '^flowchart BT' "$notes" graph
expect 0 '^digraph' "$notes" graph --dot
expect 0 '^[0-9a-f-]{36}$' "$notes" --db owned.db --owner ann add folder name=x
expect 0 '^owner ann' "$notes" --db owned.db status
expect 1 'owned.db: .*another owner' "$notes" --db owned.db --owner bob status
expect 1 'owned.db: an owner is named by 1 to 1,024 bytes' "$notes" --db owned.db --owner "$(printf 'a\377')" status

# Whose rows: said once.
expect 2 'OWNER is required' "$notes" --db a.db claim
expect 1 'there is no file none.db' "$notes" --db none.db claim ann
expect 0 '"owner":""' "$notes" --db a.db status --json
expect 1 'invalid_text: an owner is named by' "$notes" --db a.db claim ''
expect 0 '^$' "$notes" --db a.db claim ann
expect 0 '^owner ann$' "$notes" --db a.db status
expect 0 '"owner":"ann"' "$notes" --db a.db claim ann --json
expect 1 'wrong_owner: the store belongs to another owner' "$notes" --db a.db claim bob
expect 0 '^owner ann$' "$notes" --db a.db status

# Output that cannot be written is no success.
if [ -w /dev/full ]; then expect 1 'cannot write the output' sh -c '"$1" --db a.db show > /dev/full' full "$notes"; fi

# Files: all of a file or nothing.
printf '\357\273\277id,name,inside\nin,Inner,out\nout,"Outer, with ""quotes""\nand lines",\n' > folders.csv
expect 0 'imported 2 folders' "$notes" --db a.db import folder folders.csv
expect 0 '^name +Outer, with "quotes"\\nand lines$' "$notes" --db a.db show folder out
expect 1 'folders.csv, record 2: already_exists.*nothing was imported' "$notes" --db a.db import folder folders.csv
expect 1 'cannot open no.csv' "$notes" --db a.db import folder no.csv
printf 'id,name,inside\na1,A,\na2,B,nowhere\n' > dangling.csv
expect 1 "dangling.csv, record 3: no folder 'nowhere', which inside points at" "$notes" --db a.db import folder dangling.csv
printf 'folder,stars\nhome,1\nhome,many\n' > bad.csv
expect 1 "bad.csv, record 3: 'many' is no value of stars" "$notes" --db a.db import note bad.csv
printf 'folder,stars\nhome,1\nhome\n' > short.csv
expect 1 'short.csv, record 3: has 1 values for 2 fields' "$notes" --db a.db import note short.csv
printf 'folder,sky\nhome,1\n' > unknown.csv
expect 1 "unknown.csv, record 1: no field 'sky'" "$notes" --db a.db import note unknown.csv
printf 'folder,title\nhome,"open\n' > open.csv
expect 1 'open.csv, record 2: a quoted cell has no end' "$notes" --db a.db import note open.csv
: > empty.csv
expect 1 'empty.csv, record 1: .*is empty' "$notes" --db a.db import note empty.csv
printf 'folder,stars\nhome,1\n\nhome,2\n' > blank.csv
expect 0 '"notes":2' "$notes" --db a.db import note blank.csv --json
expect 0 '^folders +3 +3 +0$' "$notes" --db a.db status

# The workout tracker's own import: twice is once, and a bad record leaves nothing behind.
expect 0 'imported 19 exercises, 5 templates, 61 workouts, 1026 sets, 0 sets passed over' "$workout" --db log.db import "$log"
expect 0 'imported 0 exercises, 0 templates, 0 workouts, 0 sets, 1026 sets passed over' "$workout" --db log.db import "$log"
{
    head -n 40 "$log"
    echo '2024-01-08T19:50:28Z,Push A,Bench,chest,one,8,30,,'
} > bad_log.csv
expect 1 'bad_log.csv, record 41: .one. is no number' "$workout" --db fresh.db import bad_log.csv
expect 0 '"rows":0,"pending":0' "$workout" --db fresh.db status --json
finish
