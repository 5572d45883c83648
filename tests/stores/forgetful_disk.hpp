/// A disk that loses, when its power fails, what was written to a file after the file's last sync: a layer over SQLite's default VFS.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace syncline::tests {

/// While it lives it is the default for every database that is opened; those must be closed before it goes. One at a time, for one thread.
class forgetful_disk {
public:
    forgetful_disk() : below_(sqlite3_vfs_find(nullptr)), vfs_(*below_) {
        current_ = this;
        vfs_.zName = "forgetful";
        vfs_.szOsFile = static_cast<int>(sizeof(open_file)) + below_->szOsFile;
        vfs_.xOpen = &open;
        vfs_.xDelete = &erase;
        if (sqlite3_vfs_register(&vfs_, 1) != SQLITE_OK) throw std::runtime_error("the disk cannot be registered");
    }
    forgetful_disk(const forgetful_disk&) = delete;
    forgetful_disk& operator=(const forgetful_disk&) = delete;
    ~forgetful_disk() {
        sqlite3_vfs_register(below_, 1);
        sqlite3_vfs_unregister(&vfs_);
        current_ = nullptr;
    }

    /// Which of the database's files have writes that a loss of power would undo: "", or "database " and "log " in this order.
    [[nodiscard]] std::string unsynced(const std::string& database) const {
        std::string names;
        for (const auto& [suffix, name] : {std::pair("", "database "), {"-wal", "log "}}) {
            const auto at = files_.find(database + suffix);
            if (at != files_.end() && at->second.has_unsynced) names += name;
        }
        return names;
    }

    /// Writes as `copy` what a loss of power would leave of the database now.
    void copy_what_survives(const std::string& database, const std::string& copy) const {
        for (const char* suffix : {"", "-wal", "-journal"}) {
            const auto at = files_.find(database + suffix);
            if (at == files_.end()) continue;
            std::ofstream file(copy + suffix, std::ios::binary);
            file.write(at->second.synced.data(), static_cast<std::streamsize>(at->second.synced.size()));
        }
    }

    std::size_t syncs = 0;        ///< of any file so far
    bool refuses_syncs = false;   ///< every sync fails

private:
    struct contents {
        std::string synced;
        bool has_unsynced = false;
        bool is_erased = false;  // but not yet in the folder as the disk has it
    };
    struct open_file {
        sqlite3_file base;
        std::string* path;
        contents* known;
        sqlite3_file* below;
        bool syncs_folder;  // at its first sync, as SQLite does for journals and logs
    };

    static std::string read_whole(const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    static open_file& self(sqlite3_file* file) { return *reinterpret_cast<open_file*>(file); }
    static sqlite3_file* below(sqlite3_file* file) { return self(file).below; }

    static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
        open_file& opened = self(file);
        opened.base.pMethods = nullptr;
        opened.below = reinterpret_cast<sqlite3_file*>(reinterpret_cast<std::byte*>(file) + sizeof(open_file));
        opened.path = nullptr;
        opened.syncs_folder = (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
        const bool was_there = name != nullptr && std::filesystem::exists(name);
        const int code = current_->below_->xOpen(current_->below_, name, opened.below, flags, out_flags);
        if (opened.below->pMethods == nullptr) return code;
        opened.base.pMethods = &methods;
        if (name == nullptr) return code;
        const auto [at, is_new] = current_->files_.try_emplace(name);
        opened.path = const_cast<std::string*>(&at->first);
        opened.known = &at->second;
        opened.known->is_erased = false;
        if (is_new && was_there) at->second.synced = read_whole(name);
        return code;
    }
    // What was erased comes back when the folder was not synced.
    static int erase(sqlite3_vfs*, const char* name, int sync_folder) {
        const int code = current_->below_->xDelete(current_->below_, name, sync_folder);
        if (const auto at = current_->files_.find(name); at != current_->files_.end()) at->second = {at->second.synced, false, true};
        if (sync_folder != 0) current_->note_folder_synced();
        return code;
    }
    void note_folder_synced() {
        for (auto& [name, file] : files_)
            if (file.is_erased) file = {};
    }
    static void note_write(sqlite3_file* file) {
        if (self(file).path != nullptr) self(file).known->has_unsynced = true;
    }

    static int close(sqlite3_file* file) { return below(file)->pMethods->xClose(below(file)); }
    static int read(sqlite3_file* file, void* out, int size, sqlite3_int64 at) { return below(file)->pMethods->xRead(below(file), out, size, at); }
    static int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
        note_write(file);
        return below(file)->pMethods->xWrite(below(file), bytes, size, at);
    }
    static int truncate(sqlite3_file* file, sqlite3_int64 size) {
        note_write(file);
        return below(file)->pMethods->xTruncate(below(file), size);
    }
    static int sync(sqlite3_file* file, int flags) {
        if (current_->refuses_syncs) return SQLITE_IOERR_FSYNC;
        ++current_->syncs;
        const int code = below(file)->pMethods->xSync(below(file), flags);
        if (self(file).path == nullptr) return code;
        self(file).known->synced = read_whole(*self(file).path);
        self(file).known->has_unsynced = false;
        if (std::exchange(self(file).syncs_folder, false)) current_->note_folder_synced();
        return code;
    }
    static int file_size(sqlite3_file* file, sqlite3_int64* size) { return below(file)->pMethods->xFileSize(below(file), size); }
    static int lock(sqlite3_file* file, int level) { return below(file)->pMethods->xLock(below(file), level); }
    static int unlock(sqlite3_file* file, int level) { return below(file)->pMethods->xUnlock(below(file), level); }
    static int check_reserved_lock(sqlite3_file* file, int* out) { return below(file)->pMethods->xCheckReservedLock(below(file), out); }
    static int file_control(sqlite3_file* file, int what, void* with) { return below(file)->pMethods->xFileControl(below(file), what, with); }
    static int sector_size(sqlite3_file* file) { return below(file)->pMethods->xSectorSize(below(file)); }
    static int characteristics(sqlite3_file* file) { return below(file)->pMethods->xDeviceCharacteristics(below(file)); }
    static int map_shared(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
        return below(file)->pMethods->xShmMap(below(file), page, size, extend, out);
    }
    static int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
        return below(file)->pMethods->xShmLock(below(file), offset, count, flags);
    }
    static void order_shared(sqlite3_file* file) { below(file)->pMethods->xShmBarrier(below(file)); }
    static int unmap_shared(sqlite3_file* file, int deletes) { return below(file)->pMethods->xShmUnmap(below(file), deletes); }

    static constexpr sqlite3_io_methods methods{2,           &close,           &read,         &write,       &truncate,        &sync,       &file_size,
                                                &lock,       &unlock,          &check_reserved_lock, &file_control, &sector_size,     &characteristics,
                                                &map_shared, &lock_shared,     &order_shared, &unmap_shared, nullptr,          nullptr};
    static inline forgetful_disk* current_ = nullptr;

    sqlite3_vfs* below_;
    sqlite3_vfs vfs_;
    std::map<std::string, contents> files_;
};

}  // namespace syncline::tests
