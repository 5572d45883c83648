/// The entry of libFuzzer into one check; what the check throws ends the program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#define SYNCLINE_FUZZ_TARGET(check)                                                              \
    extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) noexcept { \
        ::syncline::fuzz::check({reinterpret_cast<const char*>(data), size});                    \
        return 0;                                                                                \
    }                                                                                            \
    static_assert(true)
