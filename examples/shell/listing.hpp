/// Tables for people: columns as wide as their widest cell, and nothing in a cell that could move a terminal's cursor.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace shell {

/// The text with control characters written as escapes.
[[nodiscard]] inline std::string printable(std::string_view text) {
    std::string shown;
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        if (character == '\n') shown += "\\n";
        else if (character == '\t') shown += "\\t";
        else if (byte < 0x20 || byte == 0x7F) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\x%02x", byte);
            shown += escape;
        } else shown += character;
    }
    return shown;
}

/// Characters of UTF-8 text, which is its width in most scripts.
[[nodiscard]] inline std::size_t width_of(std::string_view text) noexcept {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

class listing {
public:
    explicit listing(std::vector<std::string> titles) { lines_.push_back(std::move(titles)); }

    void add(std::vector<std::string> line) {
        for (std::string& text : line) text = printable(text);
        lines_.push_back(std::move(line));
    }
    [[nodiscard]] bool empty() const noexcept { return lines_.size() == 1; }

    /// Columns in `numbers` stand on the right.
    void print(std::string_view indent = "", std::vector<std::size_t> numbers = {}) const {
        std::vector<std::size_t> widths(lines_.front().size(), 0);
        for (const auto& line : lines_)
            for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], width_of(line[i]));
        std::string text;
        for (const auto& line : lines_) {
            text += indent;
            for (std::size_t i = 0; i < line.size(); ++i) {
                const std::string gap(widths[i] - width_of(line[i]), ' ');
                const bool right = std::find(numbers.begin(), numbers.end(), i) != numbers.end();
                text += right ? gap + line[i] : i + 1 < line.size() ? line[i] + gap : line[i];
                if (i + 1 < line.size()) text += "  ";
            }
            text += '\n';
        }
        std::fwrite(text.data(), 1, text.size(), stdout);
    }

private:
    std::vector<std::vector<std::string>> lines_;
};

}  // namespace shell
