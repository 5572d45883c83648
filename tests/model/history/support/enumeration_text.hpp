/// A situation of the enumeration as text: two that differ only in the numbers of sequences and versions have the same.
#pragma once

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>

#include <model/history/support/enumeration_events.hpp>

namespace syncline::tests::enumeration {

/// A few numbers in order: what matters of a sequence or a version is which others it equals and which it follows.
class ranks {
public:
    void insert(int number) {
        int* const at = std::lower_bound(numbers_.data(), numbers_.data() + size_, number);
        if (at != numbers_.data() + size_ && *at == number) return;
        promise(size_ < numbers_.size(), "a situation has few sequences and versions");
        std::copy_backward(at, numbers_.data() + size_, numbers_.data() + size_ + 1);
        *at = number;
        ++size_;
    }
    void insert(std::initializer_list<int> numbers) {
        for (const int number : numbers) insert(number);
    }
    [[nodiscard]] bool contains(int number) const { return std::binary_search(numbers_.data(), numbers_.data() + size_, number); }
    /// 0 stays 0, and what is not here is -1.
    [[nodiscard]] int rank(int number) const {
        if (number == 0) return 0;
        const int* const at = std::lower_bound(numbers_.data(), numbers_.data() + size_, number);
        return at == numbers_.data() + size_ || *at != number ? -1 : 1 + static_cast<int>(at - numbers_.data());
    }

private:
    std::array<int, 48> numbers_{};
    std::size_t size_ = 0;
};

class canonical_text {
public:
    [[nodiscard]] static std::string of(const situation& at) {
        canonical_text text;
        text.collect(at);
        text.write(at);
        return std::string(text.out_.data(), text.size_);
    }

private:
    void collect(const situation& at) {
        at.here.each_entry([&](const outbox_entry& entry) {
            open_.insert(static_cast<int>(entry.seq));
            versions_.insert(number_of(entry.base_version));
        });
        if (at.held) open_.insert(at.held->seq), collect(*at.held);
        if (at.late) open_.insert(at.late->seq), versions_.insert(at.late->base_version);
        sequences_ = open_;
        if (at.there.row.origin > at.here.acknowledged()) sequences_.insert(at.there.row.origin);
        versions_.insert(at.there.row.version);
        for (const auto& [seq, told] : at.there.answered)
            if (open_.contains(seq)) collect(told);
        if (at.held_page && at.held_page->row) versions_.insert(at.held_page->row->version);
        if (at.here.row) versions_.insert({at.here.row->version, at.here.row->base_version});
        for (const device::removed_life& life : at.here.removed) versions_.insert(life.version);
        if (at.here.parked) versions_.insert(at.here.parked->version);
        if (at.expected.visible) collect(*at.expected.visible);
        for (const life& one : at.expected.hidden) collect(one);
    }
    void collect(const answer& told) { versions_.insert({told.version, told.row.version, told.taken_at, told.at_answer.version}); }
    void collect(const life& one) {
        if (one.known) versions_.insert(one.known->version);
        versions_.insert(one.made_taken_at);
        for (const intent& each : one.intents) versions_.insert(each.taken_at);
    }

    void byte(char value) {
        promise(size_ < out_.size(), "a situation is short");
        out_[size_++] = value;
    }
    void number(int value) {
        promise(value > -100 && value < 100, "the values of the enumeration are small");
        byte(static_cast<char>(value + 100 > 127 ? value - 156 : value + 100));
    }
    void flag(bool value) { byte(value ? '+' : '-'); }
    void image(const std::string& bytes) {
        number(static_cast<int>(bytes.size()));
        for (const char one : bytes) byte(one);
    }
    void seq(sequence of) { number(sequences_.rank(static_cast<int>(of))); }
    void version(int of) { number(versions_.rank(of)); }
    void both(const values& of) { number(of[0]), number(of[1]); }

    void write(const outbox_entry& entry) {
        byte('e');
        seq(entry.seq), seq(entry.behind);
        number(static_cast<int>(entry.kind)), number(static_cast<int>(entry.state)), number(static_cast<int>(entry.closes));
        number(static_cast<int>(entry.mask)), number(entry.incarnation), version(number_of(entry.base_version));
        flag(entry.contained);
        image(entry.frozen), image(entry.created);
    }
    void write(const server_state& row) {
        flag(row.known), flag(row.removed), both(row.now), version(row.version), number(row.incarnation), seq(row.origin);
    }
    void write(const answer& told) {
        byte('a');
        seq(told.seq), number(static_cast<int>(told.what)), version(told.version), number(told.incarnation), flag(told.tells_row);
        if (told.tells_row) write(told.row);
        number(static_cast<int>(told.overwritten)), number(static_cast<int>(told.kept)), both(told.lost);
        flag(told.taken), version(told.taken_at), number(told.taken_in);
    }
    void write(const life& one) {
        byte('l');
        number(one.incarnation), seq(one.removal), seq(one.made_seq), version(one.made_taken_at), seq(one.sent), number(static_cast<int>(one.stands));
        if (one.made) both(*one.made);
        if (one.sent != 0) both(one.content);
        byte('k');
        if (one.known) both(one.known->now), version(one.known->version), flag(one.known->exact);
        byte('i');
        for (const intent& each : one.intents) number(each.column), number(each.amount), seq(each.seq), version(each.taken_at);
    }

    void write(const device& here) {
        if (here.row) {
            byte('r');
            both(here.row->shown), flag(here.row->has_remote), version(here.row->version), number(here.row->incarnation);
            if (here.row->base) both(*here.row->base), version(here.row->base_version);
            for (const outbox_entry& entry : here.row->edits) write(entry);
        }
        for (const device::removed_life& one : here.removed) {
            byte('d');
            seq(one.root), flag(one.has_remote), version(one.version), number(one.incarnation), both(one.image);
            if (one.base) both(*one.base);
            byte('p');
            if (one.pending) write(*one.pending);
            number(static_cast<int>(one.unsent)), flag(one.unsent_create);
        }
        byte('R');
        for (const outbox_entry& entry : here.removals) write(entry);
        byte('L');
        for (const outbox_entry& entry : here.loose) write(entry);
        if (here.parked) byte('P'), version(here.parked->version), number(here.parked->incarnation);
        flag(here.refetch);
    }

    void write(const request& asked) {
        seq(asked.seq), number(static_cast<int>(asked.what)), number(asked.incarnation), version(asked.base_version);
        number(static_cast<int>(asked.changed)), both(asked.after), number(static_cast<int>(asked.before_known)), both(asked.before);
    }

    void write(const situation& at) {
        write(at.here);
        const int cursor = at.here.cursor;
        flag(cursor >= at.there.row.version), flag(cursor == at.there.clock);
        write(at.there.row);
        for (const auto& [of, told] : at.there.answered)
            if (open_.contains(of)) write(told);
        if (at.held) byte('H'), write(*at.held);
        if (at.late) byte('T'), write(*at.late);
        if (at.held_page) {
            byte('G');
            if (at.held_page->row) write(*at.held_page->row);
            for (const int one : at.held_page->includes) seq(one);
            flag(at.held_page->cursor >= at.there.row.version);
        }
        byte('M');
        if (at.expected.visible) write(*at.expected.visible);
        for (const life& one : at.expected.hidden) write(one);
        byte('R');
        for (const auto& [of, closes] : at.expected.removals) seq(of), flag(closes);
        byte('L');
        for (const auto& [of, closes] : at.expected.loose) seq(of), flag(closes);
        flag(at.expected.leaving);
    }

    ranks sequences_, open_, versions_;
    std::array<char, 1024> out_{};
    std::size_t size_ = 0;
};

}  // namespace syncline::tests::enumeration
