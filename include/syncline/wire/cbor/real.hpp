/// Doubles in the fewest bytes that hold them exactly (RFC 8949, section 4.2.2; IEEE 754 binary16, binary32, binary64).
#pragma once

#include <bit>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <optional>

namespace syncline::wire::cbor {

/// The bits of a half that is exactly this number, or nothing.
[[nodiscard]] inline std::optional<std::uint16_t> to_half(float number) noexcept {
    const auto bits = std::bit_cast<std::uint32_t>(number);
    const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000u);
    const std::uint32_t fraction = bits & 0x7FFFFFu;
    const int exponent = static_cast<int>(bits >> 23 & 0xFFu) - 127;
    if ((bits & 0x7FFFFFFFu) == 0) return sign;
    if (exponent >= -14 && exponent <= 15) {
        if ((fraction & 0x1FFFu) != 0) return std::nullopt;
        return static_cast<std::uint16_t>(sign | static_cast<std::uint32_t>(exponent + 15) << 10 | fraction >> 13);
    }
    if (exponent < -24 || exponent > 15) return std::nullopt;
    const std::uint32_t significand = fraction | 0x800000u;
    const int dropped = -1 - exponent;
    if ((significand & ((1u << dropped) - 1)) != 0) return std::nullopt;
    return static_cast<std::uint16_t>(sign | significand >> dropped);
}

[[nodiscard]] inline double from_half(std::uint16_t bits) noexcept {
    const std::uint64_t sign = std::uint64_t{bits & 0x8000u} << 48;
    const std::uint64_t exponent = bits >> 10 & 0x1Fu;
    const std::uint64_t fraction = bits & 0x3FFu;
    if (exponent == 0) return std::copysign(static_cast<double>(fraction) * 0x1p-24, std::bit_cast<double>(sign));
    const std::uint64_t wide_exponent = exponent == 31 ? 0x7FFu : exponent + (1023 - 15);
    return std::bit_cast<double>(sign | wide_exponent << 52 | fraction << 42);
}

/// The same number as a float, or nothing where a float cannot hold it.
[[nodiscard]] inline std::optional<float> to_float(double number) noexcept {
    if (!(std::fabs(number) <= static_cast<double>(FLT_MAX))) return std::nullopt;
    const auto narrow = static_cast<float>(number);
    if (std::bit_cast<std::uint64_t>(static_cast<double>(narrow)) != std::bit_cast<std::uint64_t>(number)) return std::nullopt;
    return narrow;
}

}  // namespace syncline::wire::cbor
