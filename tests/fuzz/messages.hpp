/// One check for each decoder of a message: an input is refused with a reason, or is a value that reads the same ever after.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <fuzz/bounds.hpp>
#include <fuzz/forms.hpp>
#include <wire/support/transcode.hpp>
#include <wire/support/whole_messages.hpp>

namespace syncline::fuzz {
namespace detail {

inline error read(std::string_view body, const limits& bounds, wire::push_request& out, wire::encoding form) {
    return wire::read_push(body, tables, bounds, out, form);
}
inline error read(std::string_view body, const limits& bounds, wire::page& out, wire::encoding form) {
    return wire::read_page(body, tables, bounds, out, form);
}
inline error read(std::string_view body, const limits& bounds, wire::push_answer& out, wire::encoding form) {
    return wire::read_push_answer(body, tables, bounds, out, form);
}
inline error read(std::string_view body, const limits& bounds, error& out, wire::encoding form) {
    return wire::read_error(body, bounds, out, form);
}

template <class Message>
std::string written(const Message& message, wire::encoding form) {
    return tests::written(message, tables, form);
}
inline std::string written(const error& said, wire::encoding form) { return wire::write_error(said, form); }

template <class Message>
bool same(const Message& a, const Message& b) {
    return tests::same(a, b);
}
inline bool same(const error& a, const error& b) { return a == b; }

inline std::string to_cbor(const tests::json_tree& tree, const wire::push_request&) { return tests::transcoder(tables).push(tree); }
inline std::string to_cbor(const tests::json_tree& tree, const wire::page&) { return tests::transcoder(tables).page(tree); }
inline std::string to_cbor(const tests::json_tree& tree, const wire::push_answer&) { return tests::transcoder(tables).push_answer(tree); }
inline std::string to_cbor(const tests::json_tree& tree, const error&) { return tests::transcoder(tables).error_answer(tree); }

/// Writes `first` in one encoding, reads it into `second`, and writes that again.
template <class Message>
std::string promise_round_trip(const Message& first, Message& second, wire::encoding form) {
    std::string body = written(first, form);
    promise(!read(body, rewriting_bounds, second, form), "what was read and written can be read");
    promise(same(first, second), "what was read and written reads as the same");
    promise(written(second, form) == body, "what was read and written is written the same");
    return body;
}

template <class Message>
void promise_json(std::string_view body, const Message& accepted, Message& other, const std::string& again) {
    const std::optional<tests::json_tree> said = tests::parse_tree(body);
    const std::optional<tests::json_tree> kept = tests::parse_tree(again);
    promise(said && kept, "what is accepted is JSON");
    promise_strict(*said, small_bounds.json_depth);
    promise(agrees(*said, *kept), "what is accepted means what it says");
    if (!has_twin(*said)) return;
    promise(!read(to_cbor(*said, accepted), rewriting_bounds, other, wire::encoding::cbor), "CBOR accepts what JSON accepts");
    promise(same(accepted, other), "CBOR means what JSON means");
}

inline void promise_cbor(std::string_view body) {
    take_strict_cbor(body, small_bounds.json_depth);
    promise(body.empty(), "nothing follows the message");
}

/// `Message` is read into the same values each time, as its users do.
template <class Message>
void check_message(std::string_view input, wire::encoding form) {
    static Message accepted, other;
    if (const error problem = read(input, small_bounds, accepted, form)) return promise_refusal(problem);
    promise(input.size() <= small_bounds.body_bytes, "the size of a message is bounded");
    promise_bounds(accepted);
    const std::string in_json = promise_round_trip(accepted, other, wire::encoding::json);
    promise_round_trip(accepted, other, wire::encoding::cbor);
    if (form == wire::encoding::json) promise_json(input, accepted, other, in_json);
    else promise_cbor(input);
}

}  // namespace detail

inline void push_json(std::string_view input) { detail::check_message<wire::push_request>(input, wire::encoding::json); }
inline void push_cbor(std::string_view input) { detail::check_message<wire::push_request>(input, wire::encoding::cbor); }
inline void page_json(std::string_view input) { detail::check_message<wire::page>(input, wire::encoding::json); }
inline void page_cbor(std::string_view input) { detail::check_message<wire::page>(input, wire::encoding::cbor); }
inline void answer_json(std::string_view input) { detail::check_message<wire::push_answer>(input, wire::encoding::json); }
inline void answer_cbor(std::string_view input) { detail::check_message<wire::push_answer>(input, wire::encoding::cbor); }
inline void error_json(std::string_view input) { detail::check_message<error>(input, wire::encoding::json); }
inline void error_cbor(std::string_view input) { detail::check_message<error>(input, wire::encoding::cbor); }

}  // namespace syncline::fuzz
