/// A folder for the files of one test, and backends on files in it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <syncline/backends/sqlite.hpp>

namespace syncline::tests {

/// An empty folder, removed with all that is in it.
class scratch_folder {
public:
    scratch_folder() {
        random_source random = seeded_by_system();
        path_ = std::filesystem::temp_directory_path() / ("syncline-" + new_server_id(0, random).str());
        std::filesystem::create_directory(path_);
    }
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;
    ~scratch_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

/// A backend on a file that does not wait for the disk: tests lose no power.
inline std::unique_ptr<sqlite_backend> open_backend(const std::string& path, const schema_view& schema,
                                                    int busy_timeout_ms = 5'000) {
    sqlite_backend_options options;
    options.synchronous = sqlite_backend_options::durability::normal;
    options.busy_timeout_ms = busy_timeout_ms;
    return std::make_unique<sqlite_backend>(path, schema, options);
}

}  // namespace syncline::tests
