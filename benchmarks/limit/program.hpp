/// What the two limit programs share: everything but the features they start with.
#pragma once

#include "device.hpp"
#include "memory_store.hpp"
#include "sqlite_store.hpp"

namespace benchmarks::limit {

[[nodiscard]] inline int run_program(const program_description& program, const settings& chosen, const features& what) {
    using memory_device = device<memory_store>;
    using sqlite_device = device<sqlite_store>;
    return report_round(program, chosen, [&] {
        world server(what, chosen.seed);
        if (chosen.store == store_kind::memory) return round_of_work<memory_device, memory_device, world>(server, chosen).run();
        return round_of_work<sqlite_device, memory_device, world>(server, chosen).run();
    });
}

}  // namespace benchmarks::limit
