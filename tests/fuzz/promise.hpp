/// What every check of a fuzzed input says where something does not hold.
#pragma once

#include <stdexcept>
#include <string>

namespace syncline::fuzz {

/// Thrown by a check; nothing that is checked throws it.
class broken_promise : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

inline void promise(bool holds, const char* what) {
    if (!holds) throw broken_promise(what);
}

}  // namespace syncline::fuzz
