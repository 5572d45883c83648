/// The cases of the program `shapes`, as the harness names them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace benchmarks::shapes {

enum class shape_case : std::uint8_t { wide_remove, wide_depart, deep_create, deep_push, deep_pull, deep_remove, deep_depart };
inline constexpr std::array<std::string_view, 7> case_names{"wide-remove", "wide-depart", "deep-create", "deep-push",
                                                            "deep-pull",   "deep-remove", "deep-depart"};

}  // namespace benchmarks::shapes
