/// The two ways in which a command ends badly, one for each exit status.
#pragma once

#include <stdexcept>

namespace shell {

inline constexpr int exit_done = 0;
inline constexpr int exit_refused = 1;  ///< understood, but not done, or not all of it
inline constexpr int exit_usage = 2;

/// The command line asks for what cannot be: an entity or field that does not exist, a value of the wrong form.
class usage_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// What was asked for could be, but not with this store, file or server.
class command_failed : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace shell
