/// The events of a JSON text and the grammar that takes them: every message is read through this and never held as a document.
#pragma once

#include <cstdint>
#include <string_view>

#include <syncline/wire/value.hpp>

namespace syncline::wire::json {

/// What a grammar does with a key and the value behind it.
enum class key_use : std::uint8_t {
    take,      ///< takes the value, and has checked itself that the key is new in its object
    remember,  ///< takes the value; whether the key is new is checked for it
    ignore     ///< takes nothing; key and value are checked for what every JSON text must be
};

/// Takes the events of one message, in document order and always well nested, and fills a message from them.
class grammar {
public:
    virtual key_use key(std::string_view name) = 0;
    virtual void value(const wire_value& value) = 0;
    /// False: the whole object is checked and ignored, its end is not told.
    virtual bool begin_object() = 0;
    virtual void end_object() = 0;
    /// False: the whole array is checked and ignored, its end is not told.
    virtual bool begin_array() = 0;
    virtual void end_array() = 0;
    /// Adds to `problem`, which may have been found outside the grammar, the entity and local id that are being read.
    virtual void locate(error& problem) const = 0;

    [[nodiscard]] bool is_stopped() const noexcept { return stopped_; }
    [[nodiscard]] const error& problem() const noexcept { return problem_; }

protected:
    grammar() = default;
    grammar(const grammar&) = delete;
    grammar& operator=(const grammar&) = delete;
    ~grammar() = default;

    /// Ends the reading with this problem.
    void refuse(error_code code, std::string_view text, std::string_view field = {}) {
        note(problem_, code, text, field);
        stopped_ = true;
    }
    /// Ends the reading where a problem was noted, now that its place is known.
    void stop_at_problem() {
        if (!problem_) return;
        locate(problem_);
        stopped_ = true;
    }

    error problem_;

private:
    bool stopped_ = false;
};

}  // namespace syncline::wire::json
