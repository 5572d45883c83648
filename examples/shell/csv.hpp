/// Records of a CSV file.
#pragma once

#include <istream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace shell {

/// The cells of the next record (RFC 4180: quoted cells may hold commas, quotes and line ends); false at the end. A byte order
/// mark in front of the first one is passed over.
/// Throws std::runtime_error for a quoted cell without an end.
inline bool read_record(std::istream& in, std::vector<std::string>& cells) {
    cells.clear();
    if (in.tellg() == std::streampos(0)) {
        for (const char mark : {'\xEF', '\xBB', '\xBF'}) {
            if (in.peek() != std::istream::traits_type::to_int_type(mark)) break;
            in.get();
        }
        in.clear(in.rdstate() & ~std::ios::eofbit);
    }
    std::string cell;
    bool quoted = false, any = false;
    for (char c; in.get(c);) {
        any = true;
        if (quoted) {
            if (c != '"') cell += c;
            else if (in.peek() == '"') cell += static_cast<char>(in.get());
            else quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == ',') {
            cells.push_back(std::move(cell));
            cell.clear();
        } else if (c == '\n') {
            break;
        } else if (c != '\r') {
            cell += c;
        }
    }
    if (quoted) throw std::runtime_error("a quoted cell has no end");
    if (any) cells.push_back(std::move(cell));
    return any;
}

}  // namespace shell
