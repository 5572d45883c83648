/// What can go wrong: error codes, the error value of reports and of the wire, and the exceptions of stores and of bad writes.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace syncline {

/// Reason of a refusal or failure; `name_of` gives its text on the wire.
enum class error_code : std::uint8_t {
    none,
    malformed,          ///< not a message of this protocol
    too_large,          ///< a bound of `limits` passed
    unknown_entity,
    unknown_field,
    wrong_type,         ///< a value of another type than the field's, or null where null is not allowed
    out_of_range,       ///< a number the field cannot hold
    duplicate_key,      ///< the same key twice in one JSON object
    invalid_text,       ///< not UTF-8, or with a NUL
    invalid_id,
    reserved_field,
    missing_field,
    not_found,          ///< unknown, or another owner's: deliberately the same answer
    already_exists,
    restricted,         ///< other rows still point at the row
    reference_gone,     ///< a key points at a row that was removed
    ownership_loop,     ///< a key change would make a row its own ancestor
    incarnation_behind, ///< the row has lived and died since
    outbox_full,
    wrong_owner,
    unauthorized,
    device_forked,      ///< two stores speak under one device id
    reset,              ///< the cursor cannot be continued
    unsupported_protocol,
    schema_mismatch,
    rejected,           ///< refused by the server's own rules
    version_mismatch,   ///< a conditional request found another version of the row
    attempts_spent,     ///< temporary refusals up to the limit
    server_failed,      ///< a status of 5xx
    unreachable,        ///< no answer
    rate_limited,
    bad_answer,         ///< an answer that is not of this protocol
    lease_lost,         ///< another process took over the store's sync
    conflict_rule,      ///< a database constraint refused the operation
    owner_unknown,      ///< the store holds unsent edits and does not say whose they are
    consent_needed,     ///< a pull would remove more rows than it may without the application's consent
    storage,            ///< a store or database cannot be used now: its disk is full, or another connection holds it
    stopped             ///< the application asked for the end
};

/// The code's name on the wire and in reports.
[[nodiscard]] constexpr std::string_view name_of(error_code code) noexcept {
    constexpr std::string_view names[] = {
        "none",         "malformed",     "too_large",    "unknown_entity",       "unknown_field",
        "wrong_type",   "out_of_range",  "duplicate_key", "invalid_text",        "invalid_id",
        "reserved_field", "missing_field", "not_found",  "already_exists",       "restricted",
        "reference_gone", "ownership_loop", "incarnation_behind", "outbox_full", "wrong_owner",
        "unauthorized", "device_forked", "reset",        "unsupported_protocol", "schema_mismatch",
        "rejected",     "version_mismatch", "attempts_spent", "server_failed", "unreachable",        "rate_limited",
        "bad_answer",   "lease_lost",    "conflict_rule", "owner_unknown", "consent_needed", "storage",
        "stopped"};
    static_assert(sizeof names / sizeof names[0] == static_cast<std::size_t>(error_code::stopped) + 1);
    return names[static_cast<std::size_t>(code)];
}

/// The code with this name; `rejected` for a name this version does not know.
[[nodiscard]] constexpr error_code error_code_named(std::string_view name) noexcept {
    for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(error_code::stopped); ++i)
        if (name_of(static_cast<error_code>(i)) == name) return static_cast<error_code>(i);
    return error_code::rejected;
}

/// A refusal as a value. Texts hold names of the schema, local ids and codes, never contents of rows.
struct error {
    error_code code = error_code::none;
    std::string message;
    std::string entity;
    std::string local_id;
    std::string field;

    [[nodiscard]] explicit operator bool() const noexcept { return code != error_code::none; }
    friend bool operator==(const error&, const error&) = default;
};

/// One line for people: code, message and where.
[[nodiscard]] inline std::string to_string(const error& e) {
    std::string text(name_of(e.code));
    if (!e.message.empty()) text += ": " + e.message;
    if (!e.entity.empty()) text += " [" + e.entity + (e.local_id.empty() ? "" : " " + e.local_id) + (e.field.empty() ? "" : "." + e.field) + "]";
    return text;
}

/// A store or backend cannot do its work (disk full, corrupt file, foreign file); the transaction it happened in left nothing behind.
class store_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A store or backend cannot be used now, and may be later: its disk is full, or another connection holds it for longer than it waits.
class store_unavailable : public store_error {
public:
    using store_error::store_error;
};

/// A write of the application that syncline refuses before anything is stored.
class write_refused : public std::runtime_error {
public:
    explicit write_refused(error reason) : std::runtime_error(to_string(reason)), reason_(std::move(reason)) {}
    [[nodiscard]] const error& reason() const noexcept { return reason_; }

private:
    error reason_;
};

}  // namespace syncline
