/// Numbers of the formats in a file, so that a file of another format is refused instead of misread.
#pragma once

#include <string>
#include <string_view>

#include <syncline/base/errors.hpp>

namespace syncline::sqlite {

/// Throws store_error if the number that the file tells is not the one known here. `what` begins the text.
inline void require_format(std::string_view what, std::string_view found, int known) {
    const std::string number = std::to_string(known);
    if (found == number) return;
    throw store_error(std::string(what) + " " + (found.empty() ? std::string("an unknown format") : "format " + std::string(found)) +
                      ", this syncline reads format " + number + "; it was left as it is: open it with the release of syncline that made it");
}

}  // namespace syncline::sqlite
