/// What a device that may die at any moment writes down about its writes, and what can be said about them afterwards.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstddef>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace kill_nine {

/// One value that a write gives to a field, or, with an empty column, the removal of a row. No part has a space in it.
struct booked_change {
    std::string table;
    std::string id;
    std::string column;
    std::string value;
};

/// Lines are "? TABLE ID COLUMN VALUE" for what is about to be written, then "+" when the store has confirmed it or "-" when it has
/// refused it; "s" counts a sync that came to its end.
class journal_writer {
public:
    explicit journal_writer(const std::string& path) : file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
        if (file_ < 0) throw std::runtime_error("cannot open the journal " + path);
        // Ends a line that a killed process began, and leaves it open whether its last write happened.
        append("\n");
    }
    journal_writer(const journal_writer&) = delete;
    journal_writer& operator=(const journal_writer&) = delete;
    ~journal_writer() { ::close(file_); }

    void announce(const std::vector<booked_change>& changes) {
        std::string lines = "?\n";
        for (const booked_change& one : changes) lines += "? " + one.table + " " + one.id + " " + one.column + " " + one.value + "\n";
        append(lines);
    }
    void confirm() {
        append("+\n");
        if (::fdatasync(file_) != 0) throw std::runtime_error("cannot sync the journal");
    }
    void refuse() { append("-\n"); }
    void count_sync() { append("s\n"); }

private:
    void append(const std::string& lines) const {
        if (::write(file_, lines.data(), lines.size()) != static_cast<ssize_t>(lines.size())) throw std::runtime_error("cannot write the journal");
    }

    int file_;
};

/// One write of a device; it surely happened when `confirmed`, and may have happened otherwise.
struct booked_write {
    std::vector<booked_change> changes;
    bool confirmed = false;
};

struct journal {
    std::vector<booked_write> writes;
    std::size_t syncs = 0;
};

[[nodiscard]] inline journal read_journal(const std::string& path) {
    journal found;
    bool open = false;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
        if (line == "s") ++found.syncs;
        if (line == "?") found.writes.emplace_back();
        if (line == "?") open = true;
        if (line == "+" && open) found.writes.back().confirmed = true;
        if (line == "-" && open) found.writes.pop_back();
        if (line == "+" || line == "-" || line.empty()) open = false;
        if (!open || !line.starts_with("? ")) continue;
        booked_change change;
        std::istringstream(line.substr(2)) >> change.table >> change.id >> change.column >> change.value;
        found.writes.back().changes.push_back(std::move(change));
    }
    return found;
}

}  // namespace kill_nine
