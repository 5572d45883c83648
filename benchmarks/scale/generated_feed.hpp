/// A server without rows: makes every page of a snapshot as it is asked for, so that only the client's memory grows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/client/transport.hpp>
#include <syncline/wire/writer.hpp>

#include "../contestants/ours_schema.hpp"

namespace benchmarks {

/// A transport that answers pulls of `workouts` workouts and 50 exercises, parents first. Its cursor is the number of rows before the page.
class generated_feed {
public:
    explicit generated_feed(std::size_t workouts) noexcept : workouts_(workouts) {}

    [[nodiscard]] std::size_t rows() const noexcept { return exercise_count + workouts_ * rows_per_workout; }
    [[nodiscard]] std::size_t requests() const noexcept { return requests_; }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    /// The row at which the first pull began: 0, or where a killed sync had come to.
    [[nodiscard]] std::size_t first_row() const noexcept { return first_row_; }

    [[nodiscard]] syncline::exchange_result exchange(const syncline::wire::http_request& request) {
        using namespace syncline;
        if (request.method != "GET") return exchange_failure{exchange_failure_kind::unreachable, "this server only has pulls"};
        const wire::encoding form = wire::accepted_encoding(request.accept);
        const std::size_t begin = cursor_of(request.target);
        const std::size_t end = std::min(begin + limits().page_rows, rows());
        if (requests_++ == 0) first_row_ = begin;

        wire::http_response answer;
        answer.status = 200;
        answer.content_type = wire::media_type(form);
        wire::page_writer page(answer.body, schema_, form);
        for (std::size_t number = begin; number < end; ++number) add(page, number);
        page.finish(std::to_string(end), end < rows(), true, {});
        bytes_ += answer.body.size();
        return answer;
    }

private:
    enum row_kind : std::uint64_t { of_exercise = 1, of_workout, of_part, of_set };

    /// Rows of a kind are numbered from 0; ids ascend within a kind.
    static std::string_view name(char* text, row_kind kind, std::size_t number) {
        const int size = std::snprintf(text, 37, "%08x-0000-7000-8000-%012zx", static_cast<unsigned>(kind), number);
        return {text, static_cast<std::size_t>(size)};
    }
    static std::string_view remote_name(char* text, row_kind kind, std::size_t number) {
        const int size = std::snprintf(text, 37, "s%02u%023zu", static_cast<unsigned>(kind), number);
        return {text, static_cast<std::size_t>(size)};
    }

    [[nodiscard]] static std::size_t cursor_of(std::string_view target) {
        const std::size_t at = target.find("since=");
        return at == std::string_view::npos ? 0 : static_cast<std::size_t>(std::atoll(target.data() + at + 6));
    }

    void add(syncline::wire::page_writer& page, std::size_t number) {
        using syncline::cell;
        char ids[4][40];
        if (number < exercise_count)
            return add(page, "exercises", of_exercise, number,
                       {cell::text("an exercise of the gym"), cell::integer(3), cell::text("keep your back level")});
        number -= exercise_count;
        if (number < workouts_)
            return add(page, "workouts", of_workout, number,
                       {cell::text("a workout of some day"), cell::integer(1'600'000'000'000'000 + static_cast<std::int64_t>(number)), cell::integer(50),
                        cell::real(72.25), cell::text("slept well, felt ok.")});
        number -= workouts_;
        if (number < workouts_ * exercises_per_workout)
            return add(page, "workout_exercises", of_part, number,
                       {cell::server_key(remote_name(ids[0], of_workout, number / exercises_per_workout)),
                        cell::server_key(remote_name(ids[1], of_exercise, number % exercise_count)),
                        cell::integer(static_cast<std::int64_t>(number % exercises_per_workout)), cell::integer(120), cell::text("a station of the gym")});
        number -= workouts_ * exercises_per_workout;
        add(page, "workout_sets", of_set, number,
            {cell::server_key(remote_name(ids[0], of_part, number / sets_per_exercise)), cell::text("working set of some"),
             cell::integer(static_cast<std::int64_t>(number % sets_per_exercise)), cell::integer(8), cell::integer(90), cell::real(62.5),
             cell::integer(1'600'000'000'000'000 + static_cast<std::int64_t>(number)), cell::text("one of the good sets")});
    }

    void add(syncline::wire::page_writer& page, std::string_view table, row_kind kind, std::size_t number, const std::vector<syncline::cell>& values) {
        char local[40], remote[40];
        syncline::wire::server_row_view row;
        row.table = schema_.find_table(table);
        row.id = syncline::server_id::trusted(remote_name(remote, kind, number));
        row.local = syncline::local_id::trusted(name(local, kind, number));
        row.version = syncline::row_version(syncline::first_generation, 1);
        row.updated_at_ms = 1'763'000'000'000;
        row.cells = values;
        page.add(row);
    }

    syncline::schema_view schema_ = ours::schema::view();
    std::size_t workouts_;
    std::size_t requests_ = 0;
    std::size_t bytes_ = 0;
    std::size_t first_row_ = 0;
};

}  // namespace benchmarks
