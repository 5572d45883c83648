/// A bar chart for each store: every contestant's time as a multiple of the fair limit's.
#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tables.hpp"

namespace benchmarks::harness {

/// Bars on a logarithmic scale from 1/4 of the fair limit to 8 times it, or further where a bar needs it. W4 is left out: its time
/// is that of a single request.
class chart {
public:
    chart(const options& chosen, const results& all, store_kind store) : store_(store) {
        for (const work what : chosen.works) {
            const series* const fair = find(all, what, store, contestant::fair);
            if (what == work::w4 || fair == nullptr) continue;
            group one{name_of(what), {}};
            for (const contestant who : {contestant::ours, contestant::bare, contestant::session})
                if (const series* const other = find(all, what, store, who)) {
                    const double ratio = other->median_ms() / fair->median_ms();
                    one.bars.push_back({who, ratio, other->median_ms()});
                    least_ = std::min(least_, ratio);
                    greatest_ = std::max(greatest_, ratio);
                }
            groups_.push_back(std::move(one));
        }
    }

    [[nodiscard]] bool empty() const noexcept { return groups_.empty(); }

    [[nodiscard]] std::string svg() const {
        const double width = left + group_width * static_cast<double>(groups_.size()) + 50;
        std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + number(width) + "\" height=\"" + number(height) +
                          "\" viewBox=\"0 0 " + number(width) + " " + number(height) +
                          "\" font-family=\"sans-serif\" font-size=\"12\">\n";
        out += "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n";
        out += text(left, 22, "start", "#222222",
                    "Time on " + name_of(store_) + ", as a multiple of the fair limit (log scale, less is better)", 14);
        draw_legend(out);
        for (double line = std::exp2(std::floor(std::log2(least_))); line <= greatest_ * 1.0001; line *= 2)
            draw_line(out, line, width, "#dddddd", "");
        draw_line(out, 1, width, "#222222", "fair");
        draw_line(out, fair_ratio_max, width, "#c03030", "goal");
        for (std::size_t i = 0; i < groups_.size(); ++i) draw_group(out, groups_[i], left + group_width * static_cast<double>(i));
        return out + "</svg>\n";
    }

private:
    struct bar {
        contestant who;
        double ratio;
        double ms;
    };
    struct group {
        std::string title;
        std::vector<bar> bars;
    };

    static constexpr double left = 60, top = 70, bottom = 340, height = 380, group_width = 132, bar_width = 36;

    [[nodiscard]] static std::string number(double value) {
        char digits[32];
        std::snprintf(digits, sizeof digits, "%.1f", value);
        return digits;
    }
    [[nodiscard]] static std::string text(double x, double y, const char* anchor, const char* colour, const std::string& words,
                                          int size) {
        return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + anchor + "\" fill=\"" + colour +
               "\" font-size=\"" + std::to_string(size) + "\">" + words + "</text>\n";
    }
    [[nodiscard]] static std::string box(double x, double y, double width, double tall, const char* colour) {
        return "<rect x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" + number(width) + "\" height=\"" + number(tall) +
               "\" fill=\"" + colour + "\"/>\n";
    }
    [[nodiscard]] static const char* colour_of(contestant who) noexcept {
        return who == contestant::ours ? "#2f6fb5" : who == contestant::bare ? "#8a9ba8" : "#e0a030";
    }

    [[nodiscard]] double height_of(double ratio) const {
        const double low = std::floor(std::log2(least_)), high = std::ceil(std::log2(greatest_));
        return bottom - (std::log2(ratio) - low) / (high - low) * (bottom - top);
    }

    void draw_legend(std::string& out) const {
        double x = left;
        for (const contestant who : {contestant::ours, contestant::bare, contestant::session}) {
            if (who == contestant::session && store_ == store_kind::memory) continue;
            out += box(x, 34, 12, 12, colour_of(who)) + text(x + 17, 44, "start", "#222222", name_of(who), 12);
            x += 80;
        }
        out += text(x, 44, "start", "#666666", "(numbers: milliseconds)", 12);
    }
    void draw_line(std::string& out, double ratio, double width, const char* colour, const char* label) const {
        const std::string y = number(height_of(ratio));
        out += "<line x1=\"" + number(left - 6) + "\" x2=\"" + number(width - 10) + "\" y1=\"" + y + "\" y2=\"" + y +
               "\" stroke=\"" + colour + "\"/>\n";
        if (*label == '\0')
            out += text(left - 10, height_of(ratio) + 4, "end", "#666666", shown_figure(ratio), 11);
        else
            out += text(width - 10, height_of(ratio) - 3, "end", colour, label, 10);
    }
    void draw_group(std::string& out, const group& one, double x) const {
        for (std::size_t i = 0; i < one.bars.size(); ++i) {
            const double at = x + 8 + (bar_width + 3) * static_cast<double>(i), y = height_of(one.bars[i].ratio);
            out += box(at, y, bar_width, bottom - y, colour_of(one.bars[i].who));
            out += text(at + bar_width / 2, y - 4, "middle", "#222222", shown_figure(one.bars[i].ms), 11);
        }
        out += text(x + group_width / 2, bottom + 20, "middle", "#222222", one.title, 13);
    }

    store_kind store_;
    std::vector<group> groups_;
    double least_ = 0.25;
    double greatest_ = 4;
};

inline void write_charts(const options& chosen, const results& all) {
    std::filesystem::create_directories(chosen.svg_folder);
    for (const store_kind store : chosen.stores) {
        const chart drawing(chosen, all, store);
        if (drawing.empty()) continue;
        const std::string path = chosen.svg_folder + "/" + name_of(store) + ".svg";
        std::ofstream file(path);
        file << drawing.svg();
        file.close();
        if (!file) throw run_failure("cannot write " + path);
        std::fprintf(stderr, "wrote %s\n", path.c_str());
    }
}

}  // namespace benchmarks::harness
