#!/bin/sh
# Proves that the unit tests of the client's core can fail: changes one line of a header at a time, and runs the tests that are there for it.
# A mutant that they do not notice has survived; the script fails if any does, or if a line to be changed is no longer there.
# usage: sh tests/mutants/transitions.sh [NAME...]   (without names all of them; CXX and JOBS may be set)
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
compiler=${CXX:-g++}
jobs=${JOBS:-$(nproc 2> /dev/null || echo 2)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
wanted=" $* "

# mutant NAME HEADER OLD NEW [TEST]: OLD, which stands in HEADER once, becomes NEW. TEST is the one of the same name unless given.
mutants() {
    of=model/history/local_edit.hpp
    mutant made_with_is_overwritten $of 'widen_image(newest.created, former, changed)' 'make_image(former, changed)'
    mutant create_tells_no_edit $of 'if (newest.kind == operation_kind::create)' 'if (false)'
    mutant base_is_the_edit $of 'history.base = former;' 'history.base = values;'
    mutant sent_content_is_not_kept $of 'freeze(history, newest);' ';'
    mutant new_values_are_kept_as_sent $of 'history.shown = former;' ';'
    mutant repair_drops_refused_fields $of 'entry.mask |= newest.mask;' ';'
    mutant repair_of_create_is_update $of 'entry.kind = newest.kind;' ';'
    mutant repair_waits_for_nothing $of 'entry.behind = newest.behind;' ';'

    of=model/history/content.hpp
    mutant value_before_is_value_after $of 'out.before.assign(base.begin(), base.end());' 'out.before.assign(shown.begin(), shown.end());'
    mutant deferred_key_is_sent $of 'if (table.deferred_keys != 0) hide_deferred_keys(out.after, table);' ''
    mutant deferred_key_is_told_as_edited $of ' & ~table.deferred_keys' ''
    mutant frozen_twice $of ' || !entry.frozen.empty()) return;' ') return;'
    mutant unsent_is_frozen $of 'entry.state != entry_state::in_flight ||' ''
    mutant frozen_without_version $of 'entry.base_version = content.base_version;' ''
    mutant void_without_digest $of 'entry.digest = digest_of(operation_of(entry, content), *history.table);' ';'
    mutant void_closes_nothing $of 'entry.closes = entry.kind;' ''
    mutant void_has_old_attempts $of 'forget_refusals(entry);' ''

    of=model/history/row_history.hpp
    mutant no_key_can_be_hidden $of 'if (table.columns[i].target == index && table.columns[i].nullable)' 'if (false)' model/history/edit_stack.cpp
    mutant null_key_is_hidden $of ' && sent[i].is_null() && !shown[i].is_null()' ' && sent[i].is_null()' model/history/edit_stack.cpp
    mutant row_names_oldest_edit $of 'edits.back().seq' 'edits.front().seq' client/histories.cpp

    of=model/history/edit_stack.hpp
    mutant later_row_contains_nothing $of 'edits_[i].contained = edits[i].contained;' ';'
    mutant every_edit_stands_on_the_base $of 'running = next;' ''
    mutant hidden_key_is_lost $of 'if (hidden == 0) return;' 'return;'
    mutant key_from_server_is_hidden $of 'if (history.has_base()) keys &=' 'if (false) keys &='
    mutant every_edit_is_sent $of 'edit.unsent = entry.state != entry_state::in_flight;' ''

    of=model/history/page_row.hpp
    mutant record_tells_what_is_shown $of 'record.mine = std::move(wanted);' 'record.mine = make_image(history.shown, history.table->all_columns());' model/history/page_removal.cpp
    mutant record_takes_an_update_as_sent $of ' || !makes_row(history.edits.front())) return make_image' ') return make_image' model/history/page_removal.cpp
    mutant record_tells_what_was_edited_since $of 'hidden &= ~later.values.mask;' ';' model/history/page_removal.cpp
    mutant record_hides_what_is_shown $of '& ~differing(history.base, history.shown)' '' model/history/page_removal.cpp
    mutant base_of_same_version_moves $of 'next.version >= fresh.version' 'next.version > fresh.version'
    mutant older_life_is_taken $of 'fresh.incarnation < next.incarnation &&' 'false &&'
    mutant other_life_of_removed_row_is_taken $of 'if (!next.visible && !is_same_life(next, fresh.incarnation, included)) return result;' ''
    mutant life_of_removed_create_is_another $of 'return makes_row(first) && !is_unsent(first) && first.seq != 0 && included(first.seq);' 'return false;'
    mutant life_that_waits_for_removal_is_met $of ' || next.edits.front().behind != 0' ''
    mutant conflict_of_unsent_edit_is_silent $of 'if (next.visible && conflicts != 0)' 'if (false)'
    mutant contained_is_not_noted $of '    note_contained(next.edits, included);' ''
    mutant unsent_is_contained $of 'entry.contained || is_unsent(entry) ||' 'entry.contained ||'
    mutant page_moves_what_was_sent $of 'for (outbox_entry& entry : next.edits) freeze(next, entry);' ''
    mutant create_that_met_loses_in_silence $of 'record(met.kept & ~edited_since, values.after, false);' ''
    mutant create_replaces_in_silence $of 'record(met.replaced & differing(shown, fresh.values), shown, true);' ''
    mutant refusing_create_meets $of 'may_meet = table.create_policy != create_conflict_policy::refuse' 'may_meet = true'
    mutant edits_of_former_life_vanish $of 'detail::abandon_edits(next, conflict_kind::edit_of_removed, fresh.version, {}, result.effects);' ''
    mutant life_of_create_is_not_followed $of '        next.incarnation = fresh.incarnation;' ''
    mutant edits_behind_keep_the_life_of_the_create $of 'next.edits[i].incarnation = fresh.incarnation;' ';'
    mutant clean_row_leaves_a_record $of 'if (edited == 0) return;' '' model/history/page_removal.cpp

    of=model/history/page_removal.hpp
    mutant removal_of_former_life_takes $of 'if (removal.incarnation < history.incarnation && !made_and_taken) return removal_effect::nothing;' ''
    mutant life_that_the_server_gave_stays $of ' && !made_and_taken' ''
    mutant removal_of_same_version_takes $of 'removal.version > history.version' 'removal.version >= history.version'
    mutant removal_of_later_life_takes_nothing $of ' || removal.incarnation > history.incarnation' ''
    mutant removal_of_namesake_takes $of 'if (detail::is_of_namesake(history))' 'if (false)'
    mutant taken_create_is_a_namesake $of ' && !history.edits.front().contained' ''
    mutant namesake_stays_the_base $of 'history.base = {};' ''
    mutant uncovered_row_loses_edits $of 'rebase(shown, *history.table, edits.behind_first());' ''
    mutant uncovered_row_points_nowhere $of 'if (showable(shown)) history.shown' 'history.shown'

    of=model/history/verdict.hpp
    mutant contained_edit_is_folded_again $of '} else if (!entry.contained || !has_base) {' '} else {'
    mutant create_as_sent_meets_a_row $of '!(makes_row(entry) && told.outcome == verdict::applied)' 'true'
    mutant untaken_value_is_forgotten $of '(has_base ? ~told.refused : ~column_mask{0})' '~told.refused'
    mutant refused_columns_are_folded $of 'taken.values.mask &= ~told.refused;' ''
    mutant verdict_overtakes_a_page $of 'return history.has_base() && history.version >= told.version &&' 'return false &&'
    mutant unreadable_row_is_up_to_date $of 'told.outcome == verdict::applied && !told.tells_row' 'true'
    mutant settled_edit_is_laid_again $of 'const column_mask unsent = keys_for_patch' 'rebase(shown, *history.table, edits.all()); const column_mask unsent = keys_for_patch'
    mutant repair_of_what_was_applied_repeats_it $of 'if (closes && !history.edits.empty()) narrow' 'if (false) narrow'
    mutant later_edits_keep_their_life $of 'for (outbox_entry& later : history.edits) later.incarnation = incarnation;' ''
    mutant edit_follows_into_a_later_life $of 'makes_row(history.edits.front()) ? told_now : history.edits.front().incarnation' 'told_now'
    mutant later_life_is_a_newer_row $of 'if (told.row && !is_of_later_life(told, entry)) return' 'if (told.row) return'
    mutant edits_of_ended_life_go_on $of 'if (outlive(history, told, showable, effects)) return;' ''
    mutant later_life_points_nowhere $of ' || !showable(told.row->values)) return false;' ') return false;'
    mutant no_patch_for_hidden_key $of 'if (history.edits.empty() && unsent != 0)' 'if (false)'
    mutant edit_behind_drops_hidden_key $of 'history.edits.back().mask |= unsent;' ''
    mutant clean_row_keeps_a_base $of 'if (history.edits.empty() && history.visible) history.base = {};' ''
    mutant row_that_points_nowhere_is_shown $of 'if (history.visible && differing(shown, history.shown) != 0 && !showable(shown)) {' 'if (false) {'
    mutant refused_move_stays_nowhere $of 'if (!showable(shown)) return false;' ''
    mutant losses_of_other_columns_are_recorded $of 'told.overwritten & entry.mask' 'told.overwritten'
    mutant key_for_a_patch_was_lost $of ' & ~(history.visible ? keys_for_patch(history, content) : column_mask{0})' ''
    mutant removal_is_older_than_the_base $of 'std::max(gone_at, history.version.next())' 'gone_at'
    mutant later_life_dates_the_removal $of 'told.incarnation > incarnation ? row_version() : told.version' 'told.version'
    mutant lost_edit_is_brought_back $of 'shown(history.base.begin(), history.base.end());' 'shown(history.shown.begin(), history.shown.end());'
    mutant row_of_unknown_outcome_is_old_news $of 'history.version = {};' ''
    mutant unknown_outcome_is_not_read $of '    effects.fetch = true;' ''
    mutant closed_content_is_dropped $of ': detail::queue_again(next, effects); break;' ': next.edits.clear(); break;'
    mutant closed_content_is_set_aside $of 'case verdict::closed: closes ?' 'case verdict::closed: true ?'
    mutant closed_void_goes_out_anew $of 'case verdict::closed: closes ?' 'case verdict::closed: false ?'
    mutant status_is_a_verdict $of 'if (told.is_remembered) detail::set_aside' 'if (true) detail::set_aside'
    mutant unknown_void_is_refused $of '} else if (closes) {' '} else if (false) {'
    mutant vanished_row_is_waited_for $of ' || told.waits_for_vanished' ''
    mutant waiting_for_own_create_spends_attempts $of 'else if (!told.waits_for_unsettled)' 'else'
    mutant removed_row_goes_on_waiting $of 'if (!next.visible || told.waits_for_vanished) {' 'if (told.waits_for_vanished) {'

    of=model/history/requeue.hpp
    mutant handed_on_without_fields $of 'next.mask |= entry.mask;' ''
    mutant handed_on_as_update $of 'next.kind = kind;' ''
    mutant created_value_is_not_told $of 'created[i] = content.after[i];' ';'
    mutant sequence_is_used_twice $of 'entry.seq = 0;' ''
    mutant queued_again_as_contained $of 'entry.contained = false;' ''
    mutant refused_content_stays_frozen $of 'kept.frozen.clear();' ''
    mutant spent_edit_is_not_closed $of '    close_sequence(history, entry);' ''
    mutant void_forgets_why $of 'entry.reason = reason;
    entry.reason_text = std::move(text);' 'entry.reason_text = std::move(text);'
    mutant void_forgets_the_words $of 'entry.reason_text = std::move(text);' ''
    mutant void_waits_for_the_next_sync $of 'entry.reason_text = std::move(text);
    effects.of_this_sync = true;' 'entry.reason_text = std::move(text);'
    mutant closed_edit_stays_a_void $of 'entry.kind = std::exchange(entry.closes, operation_kind::close);
    entry.digest = 0;' ''
    mutant void_without_reason_sets_aside $of 'if (entry.reason == error_code::none) return queue_again(history, effects);' ''
    mutant void_takes_the_answers_reason $of 'if (entry.kind == operation_kind::close) return false;
    entry.reason' 'entry.reason'
    mutant removal_of_what_never_was $of 'effects.never_made = makes_row(history.edits.front());' ''
    mutant namesake_of_untaken_create_is_lost $of 'effects.fetch = effects.fetch || effects.never_made;' ''
    mutant refused_removal_loses_an_edit $of 'replaced.mask |= entry.mask;' 'replaced.mask = entry.mask;'
    mutant create_that_must_not_meet_yields $of 'may_meet = history.table->create_policy != create_conflict_policy::refuse' 'may_meet = true'
    mutant closed_create_hides_a_namesake $of 'if (yield_to_namesake(history, effects)) {' 'if (false) {'
    mutant refused_create_hides_a_namesake $of 'yields = yield_to_namesake(history, effects)' 'yields = false'
    mutant void_goes_out_as_a_void $of 'if (entry.kind == operation_kind::close) entry.kind = std::exchange(entry.closes, operation_kind::close);' ''
    mutant refused_create_is_an_edit $of 'repair.created.clear();' ''
    mutant repair_waits_for_what_was_refused $of 'repair.behind = 0;' ''
    mutant one_attempt_more $of 'entry.attempts < bounds.attempts_max' 'entry.attempts <= bounds.attempts_max'

    of=model/history/removal_verdict.hpp
    mutant removed_row_forgets_what_was_sent $of 'freeze(next, entry);' ''
    mutant unsent_edit_is_lost_with_removal $of 'replaced.mask |= entry.mask;' ''
    mutant unsent_life_is_removed_at_server $of 'if (replaced.kind == operation_kind::create && facts.in_flight == 0) facts.known = false;' ''
    mutant move_is_not_seen_by_removal $of 'facts.elsewhere = facts.elsewhere ||' 'facts.elsewhere = false &&'
    mutant restored_row_is_removed $of 'life.removed_by = 0;' ''
    mutant restored_edit_overtakes $of 'entry.behind = in_flight;' ''
    mutant new_life_hides_the_base $of 'life.has_base() ? life.base : life.shown' 'life.shown'
    mutant row_whose_id_is_unknown_is_not_removed $of ' || next.has_base() || next.is_clean()' ''
    mutant life_made_here_outlives $of ' && (visible.is_clean() || !makes_row(visible.edits.front()))' ''
    mutant edited_later_life_outlives_nothing $of '(visible.is_clean() || !makes_row(visible.edits.front()))' 'visible.is_clean()'

    of=model/history/discard.hpp
    mutant discarded_edit_stays_shown $of 'next.shown = std::exchange(next.base, {});' 'next.base = {};'
    mutant discarded_row_is_not_read $of 'result.effects.fetch = !is_new;' ''
    mutant discarded_edit_is_not_closed $of 'give_up(next, std::move(entry), result.effects);' ''
    mutant discarded_columns_are_not_told $of 'record.mask |= entry.mask;' ''

    of=model/rebase.hpp
    mutant contained_edit_is_rebased $of 'if (edit.contained) continue;' ''
    mutant conflict_of_sent_edit_is_told $of 'if (edit.unsent) conflicts |= met;' 'conflicts |= met;'
    mutant create_wants_every_column $of 'create.before_mask & create.mask' 'create.mask'
    mutant kept_column_is_not_told $of 'if (differs) result.kept |= only_column(i);' ''

    of=model/merge.hpp
    mutant change_on_one_side_is_a_conflict $of '!(theirs == before) && !(theirs == mine)' '!(theirs == mine)'
    mutant counter_has_less_room $of 'by > room' 'by >= room'
    mutant counter_only_grows $of 'mine >= before;' 'true;'

    of=client/histories.hpp
    mutant base_stays_with_a_settled_edit $of 'former_base == (is_oldest ? std::string_view(base) : std::string_view()) &&' ''
    mutant base_is_with_every_edit $of 'if (is_oldest) entry.base = std::move(base);' 'entry.base = base;'
    mutant base_leaves_out_what_edits_changed $of 'for (const outbox_entry& entry : next.edits) columns |= entry.mask;' ''
    mutant base_leaves_out_what_differs $of 'column_mask columns = differing(next.base, next.shown);' 'column_mask columns = 0;'
    mutant base_is_what_is_shown $of 'history.keep_image_over(out.base_image, history.shown)' 'history.shown'
    mutant voids_are_not_stored $of 'for (const outbox_entry& entry : voids) store.put_entry(entry);' ''
    mutant hidden_edit_gets_a_sequence $of 'if (next.visible) store.append_entry(entry);' 'store.append_entry(entry);'
    mutant record_of_other_removal_stays $of ' || before.record.root != next.removed_by' ''
    mutant removed_row_stays_visible $of 'if (before.stored == place::visible && now != place::visible) store' 'if (false) store'
    mutant replaced_columns_are_forgotten $of 'else record.unsent |= entry.mask;' ''
    mutant create_of_removed_life_has_no_columns $of 'record.unsent_create ? history.table->all_columns() : record.unsent;' 'record.unsent;'
    mutant any_life_is_the_visible_one $of ' && out.edits.front().seq == entry.seq' ''
    mutant any_removed_life_will_do $of 'if (record.state.pending != entry.seq) continue;' ''
    mutant fetch_is_not_noted $of 'if (made.effects.fetch) store.put_meta("refetch_wanted", "1");' ''
    mutant untranslated_key_is_visible $of 'if (values[i].kind() == cell_kind::server_key) return false;' ''
    mutant void_of_removal_is_an_edit_of_the_next_life client/entries.hpp ' || removes_row(entry)) break;' ' || entry.kind == operation_kind::remove) break;' client/settle.cpp
    mutant void_of_removal_has_no_digest client/settled_removal.hpp 'close_sequence(row, removal);' 'removal.closes = removal.kind, removal.kind = operation_kind::close, forget_refusals(removal);' client/settle.cpp
    mutant void_of_removal_has_no_reason client/settled_removal.hpp 'removal.reason = reason;' '' client/settle.cpp
    mutant life_in_flight_was_never_sent client/records.hpp 'record.state.pending == 0 && ' '' client/histories.cpp
    mutant clean_life_was_never_sent client/records.hpp ' && record.unsent_create' '' client/histories.cpp

    of=client/settle.hpp
    mutant row_removed_here_has_vanished $of 'removed_lives_of(store_, target_table, id).empty()' 'true'
    mutant answer_about_another_row $of 'if (result.local != entry.id) return false;' ''
    mutant answer_about_what_was_not_sent $of ' || entry.state != entry_state::in_flight) return false;' ') return false;'
    mutant any_void_is_answered $of 'return result.digest == entry.digest;' 'return true;'
    mutant any_removal_is_answered $of 'if (result.digest != sent) return false;' ''
    mutant void_of_removal_names_the_void $of 'closes ? entry.digest : digest_of(operation_of(entry, {}), store_.schema()[entry.table])' 'digest_of(operation_of(entry, {}), store_.schema()[entry.table])'
    mutant taken_edit_without_row_is_not_read $of 'if (!(result.row && result.row->removed)) effects_.refetch = true;' ''
    mutant put_off_to_the_past $of 'now_ms_ + backoff_delay_ms(put_off.attempts' 'backoff_delay_ms(put_off.attempts'
    mutant patch_waits_for_the_next_sync $of 'if (wanted.of_this_sync) effects_.patches.push_back(next.edits.front().seq);' ''
    mutant removal_of_untaken_create_goes_out $of 'if (never_made) return end_removal(store_, removal);' ''
    mutant removal_does_not_follow_the_life $of 'removal.incarnation = life.incarnation;' ''
    mutant row_points_at_itself_unsettled $of 'if (id == entry.id && target_table == entry.table) continue;' ''
    mutant row_the_server_never_had_stays $of 'if (wanted.leaves) {' 'if (false) {'
    mutant closed_removal_is_done $of 'effects_.patches.push_back(queue_removal_again(store_, entry));' 'end_removal(store_, entry);'
    mutant void_of_removal_is_a_void_of_an_edit $of 'if (removes_row(entry)) return settle_removal(entry, result);' 'if (entry.kind == operation_kind::remove) return settle_removal(entry, result);'
    mutant closed_sequence_removes_again $of 'if (closes) refuse_removal(entry, entry.reason, entry.reason_text);' 'if (false) {}'
    mutant spent_removal_comes_back_unasked $of 'return stop_removal(entry, error_code::attempts_spent, entry.reason_text);' 'return refuse_removal(entry, error_code::attempts_spent, entry.reason_text);'
    mutant spent_removal_forgets_why $of 'return stop_removal(entry, error_code::attempts_spent, entry.reason_text);' 'return stop_removal(entry, error_code::attempts_spent, {});'
    mutant void_of_removal_waits_for_the_next_sync $of 'effects_.patches.push_back(entry.seq);' ''
    mutant status_ends_a_removal $of 'return stop_removal(entry, reason, text);' 'return refuse_removal(entry, reason, text);'
    mutant status_stops_a_void $of 'if (permanent && entry.kind == operation_kind::remove) return' 'if (permanent) return'
    mutant status_of_a_void_is_about_an_edit $of '        if (removes_row(entry)) {' '        if (entry.kind == operation_kind::remove) {'
    mutant refused_removal_restores_nothing $of 'if (!restore_removed(store_, entry.seq)) effects_.refetch = true;' ''

    of=client/plan.hpp
    mutant waits_for_what_is_settled $of 'entry.behind != 0 && is_open(entry.behind)' 'entry.behind != 0'
    mutant waits_a_millisecond_more $of 'entry.not_before_ms > bounds.now_ms' 'entry.not_before_ms >= bounds.now_ms'
    mutant parents_are_removed_first $of 'a.kind == operation_kind::remove ? a.table > b.table : a.table < b.table' 'a.table < b.table'
    mutant horizon_excludes_itself $of 'entry.seq <= bounds.horizon' 'entry.seq < bounds.horizon'
    mutant set_aside_is_sent $of ' || entry.state == entry_state::quarantined' ''
    mutant held_removal_is_sent $of 'behind || held ||' 'behind ||'
    mutant children_are_created_first $of 'for (; !path.empty(); path.pop_back()) order.push_back(path.back());' 'order.insert(order.end(), path.begin(), path.end()), path.clear();'

    of=client/translate.hpp
    mutant last_batch_is_remembered $of 'table.last_in_batch = {};' ''
    mutant taken_out_is_in_the_batch $of 'keys.last_in_batch = {};' ''
    mutant old_server_id_is_remembered $of 'table.known.clear();' ''
    mutant held_row_is_held_for_ever $of 'table.held.clear();' ''
    mutant edited_row_is_not_on_the_server $of 'if (!makes_row(entry)) continue;' ''
    mutant row_set_aside_is_unsent $of ' || entry.state == entry_state::quarantined' ''
    mutant row_being_closed_is_unsent $of ' || entry.kind == operation_kind::close' ''
    mutant every_key_is_translated $of '!has_column(mask, i) || ' ''
    mutant removed_row_is_unknown $of 'store_.scan_removed_of(table, id, [&](const removed_row& record) { remote = record.state.id; });' ';'

    of=client/pull.hpp
    mutant older_row_shows_over_parked $of 'if (former->second.version >= row.version) return;' ''
    mutant arrival_releases_nothing $of 'release_waiting({row.table, row.id});' ''
    mutant last_of_a_circle_releases_nothing $of 'release_from({row.table, row.local});' ''
    mutant released_set_is_rolled_back $of 'part.commit();' ''
    mutant removed_row_is_shown_in_a_set $of '!any_removed_ || !is_removed_here(members[at])' 'true'
    mutant removal_frees_nothing $of 'if (result != departure::gone) return;' 'return;'
    mutant removals_wait_for_ever $of 'if (row.removed) removals.push_back(row);' ''
    mutant superseded_row_stays_parked $of 'if (is_superseded(name)) forget(name);' ''
    mutant includes_are_taken_as_sorted $of 'std::sort(includes_.above.begin(), includes_.above.end());' ''

    of=client/removal_guard.hpp
    mutant pages_count_each_for_itself $of 'removed_ += more;' ''
    mutant interruption_forgets_removals $of 'if (at != end) std::from_chars(at + 1, end, removed_);' ''
    mutant consent_ends_with_the_sync $of 'if (consent_ == removal_consent::given) rows_ = 0;' 'if (consent_ == removal_consent::given) return;'
    mutant rows_are_counted_again $of 'else if (saved_.empty())' 'else'
    mutant pull_begins_with_each_page $of 'if (is_open_) return;' ''
    mutant pull_never_ends $of 'pull_ends ? std::string() :' 'false ? std::string() :'

    of=client/held_removals.hpp
    mutant every_edit_is_a_move $of '(entry.mask & owning_keys(store_.schema()[entry.table])) != 0' 'true'
    mutant move_in_flight_was_taken $of 'if (!entry.frozen.empty()) add_owners(name.table, entry.frozen, out);' ';'
    mutant known_owner_is_not_looked_at $of 'if (!entry.base.empty()) add_owners(name.table, read_image_over(entry.base, row_.cells()), out);' ''
    mutant taken_removal_is_held $of 'if (may_take(record.root)) taking.insert(record.root);' 'taking.insert(record.root);'
    mutant void_of_removal_is_held $of ' && entry.kind == operation_kind::remove;' ';'
    mutant moved_owner_is_where_it_is_shown $of 'record.base.empty() ? record.image : record.base' 'record.image'
    mutant removal_before_the_move_is_held $of 'if (!needed.contains(removal)) held_' 'held_'
    mutant new_row_leads_to_no_removal $of 'if (!is_new && current != moved) continue;' 'if (current != moved) continue;'
}

# The test that is there for a header.
test_of() {
    case $1 in
        client/pull.hpp) echo client/parking.cpp ;;
        client/removal_guard.hpp) echo client/guard.cpp ;;
        *) echo "${1%.hpp}.cpp" ;;
    esac
}

# What a test is linked with besides Catch2's main.
support_of() {
    case $1 in
        model/history/*) echo "$work/histories.o" ;;
        client/plan.cpp) ;;
        client/*) echo "$work/device.o" ;;
    esac
}

# compile OBJECT SOURCE [OPTION...]: without optimisation, without warnings.
compile() {
    object=$1 source=$2
    shift 2
    "$compiler" -std=c++20 -O0 -w -D_GLIBCXX_ASSERTIONS "$@" -I"$root/include" -I"$root/tests" -c "$source" -o "$object"
}

# build_test FOLDER TEST: FOLDER/test from the headers in FOLDER, and from the unchanged ones where it has none.
build_test() {
    compile "$1/test.o" "$root/tests/$2" -include "$work/catch.hpp" -I"$1" || return 1
    # The test's own functions come first, so that a changed one is the one that is linked.
    # shellcheck disable=SC2046,SC2086  # several words on purpose
    "$compiler" "$1/test.o" $(support_of "$2") $main -o "$1/test"
}

run_test() {
    if command -v timeout > /dev/null; then timeout 60 "$1/test" -r xml > "$1/said" 2> "$1/errors"; else "$1/test" -r xml > "$1/said" 2> "$1/errors"; fi
}

# The first test case that failed.
first_failure() {
    awk '/<TestCase / { name = $0; sub(/.*<TestCase name="/, "", name); sub(/".*/, "", name) }
         /<OverallResult success="false"/ { print name; found = 1; exit }
         END { if (!found) print "it does not come to an end" }' "$1/said" | sed "s/&apos;/'/g; s/&quot;/\"/g"
}

# substitute HEADER OLD NEW: the changed header on standard output; fails unless OLD stands in it once.
substitute() {
    old=$2 new=$3 awk '
        { text = text $0 "\n" }
        END {
            at = index(text, ENVIRON["old"])
            behind = substr(text, at + length(ENVIRON["old"]))
            if (at == 0 || index(behind, ENVIRON["old"]) != 0) exit 1
            printf "%s%s%s", substr(text, 1, at - 1), ENVIRON["new"], behind
        }' "$1"
}

is_wanted() {
    [ "$wanted" = "  " ] && return 0
    case $wanted in *" $1 "*) return 0 ;; esac
    return 1
}

# Leaves one line in a file of its own: what became of the mutant, its name, and what found it.
try_mutant() {
    name=$1 header=include/syncline/$2
    test=${5:-$(test_of "$2")}
    folder=$work/$name
    mkdir -p "$folder/syncline/$(dirname "$2")"
    if ! substitute "$root/$header" "$3" "$4" > "$folder/syncline/$2"; then
        outcome="STALE     $name: $header does not have this line, or has it twice: $3"
    elif ! build_test "$folder" "$test" > "$folder/built" 2>&1; then
        if grep -qi 'static assertion failed\|static_assert failed' "$folder/built"; then outcome="killed    $name: $test does not compile"
        else outcome="BROKEN    $name: $(grep -m 1 'error' "$folder/built")"; fi
    elif run_test "$folder"; then
        outcome="SURVIVED  $name: $test does not notice it"
    else
        outcome="killed    $name: $(first_failure "$folder")"
    fi
    rm -rf "$folder"
    printf '%s\n' "$outcome" > "$work/outcome.$number"
    printf '%s\n' "$outcome"
}

# One of $jobs workers, which take the mutants in turn.
work_through() {
    turn=$1 number=0
    mutant() {
        is_wanted "$1" || return 0
        number=$((number + 1))
        [ $((number % jobs)) = "$turn" ] || return 0
        try_mutant "$@"
    }
    mutants
}

prepare() {
    printf '#include <support/catch.hpp>\n#include <algorithm>\n#include <deque>\n#include <map>\n#include <optional>\n#include <set>\n#include <string>\n#include <unordered_map>\n#include <vector>\n' \
        > "$work/catch.hpp"
    if printf '#include <catch2/catch_test_macros.hpp>\n' | "$compiler" -std=c++20 -E -x c++ - > /dev/null 2>&1; then
        main='-lCatch2Main -lCatch2'
    else
        printf '#define CATCH_CONFIG_MAIN\n#include <catch2/catch.hpp>\n' > "$work/main.cpp"
        main=$work/main.o
        compile "$main" "$work/main.cpp" &
    fi
    cp "$work/catch.hpp" "$work/precompiled.hpp"
    "$compiler" -std=c++20 -O0 -w -D_GLIBCXX_ASSERTIONS -I"$root/tests" -x c++-header "$work/catch.hpp" -o "$work/catch.hpp.gch"
    compile "$work/histories.o" "$root/tests/model/history/support/histories.cpp" -include "$work/catch.hpp"
    compile "$work/device.o" "$root/tests/client/support/device.cpp" -include "$work/catch.hpp"
    wait
}

# Every test that a mutant needs has to pass without it, or nothing is proved.
check_tests() {
    mutant() { is_wanted "$1" && echo "${5:-$(test_of "$2")}"; return 0; }
    mutants | sort -u > "$work/tests"
    while read -r test; do
        folder=$work/unchanged
        mkdir -p "$folder"
        if ! build_test "$folder" "$test" || ! run_test "$folder"; then
            echo "tests/$test fails without any mutant" >&2
            exit 1
        fi
        rm -rf "$folder"
    done < "$work/tests"
}

echo "preparing"
prepare
check_tests
turn=0
while [ "$turn" -lt "$jobs" ]; do
    work_through "$turn" &
    turn=$((turn + 1))
done
wait

count() { cat "$work"/outcome.* 2> /dev/null | grep -c "^$1" || true; }
all=$(cat "$work"/outcome.* 2> /dev/null | wc -l)
killed=$(count killed)
printf '\n%s mutants, %s killed\n' "$all" "$killed"
if [ "$all" = 0 ]; then
    echo "no mutant has this name" >&2
    exit 1
fi
[ "$all" = "$killed" ] || { cat "$work"/outcome.* | grep -v '^killed' | sort; exit 1; }
