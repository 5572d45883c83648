/// Writes of any entity by the index of its table: the one place where the shell knows types.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

#include <shell/fields.hpp>
#include <syncline/client/repository.hpp>
#include <syncline/stores/sqlite.hpp>

namespace shell {

/// Values of some columns of one table, with the bytes they point into.
struct field_values {
    explicit field_values(const syncline::table_view& table) : cells(table.columns.size()) {}

    void set(std::size_t column, const syncline::cell& value) {
        cells[column] = value;
        mask |= syncline::only_column(column);
    }

    std::vector<syncline::cell> cells;
    syncline::column_mask mask = 0;
    syncline::arena bytes;
};

/// A repository without its types. Everything throws what the repository throws, and usage_error for a set with elements of another type.
class row_writer {
public:
    row_writer() = default;
    row_writer(const row_writer&) = delete;
    row_writer& operator=(const row_writer&) = delete;
    virtual ~row_writer() = default;

    /// Columns that have no value here get the default of the entity's struct; an empty id becomes a new one.
    virtual syncline::local_id create(int table, const syncline::local_id& id, const field_values& values) = 0;
    /// False where there is no such row.
    virtual bool update(int table, const syncline::local_id& id, const field_values& values) = 0;
    /// How many rows were removed: this one and what it owns; 0 where there is no such row.
    virtual std::size_t remove(int table, const syncline::local_id& id) = 0;
    virtual void transaction(const std::function<void()>& work) = 0;
};

template <class Schema>
class typed_row_writer;

template <class... Es>
class typed_row_writer<syncline::schema<Es...>> final : public row_writer {
public:
    using schema = syncline::schema<Es...>;
    using repository = syncline::repository<schema, syncline::sqlite_store>;

    /// The repository must outlive the writer.
    explicit typed_row_writer(repository& rows) : rows_(rows) {}

    syncline::local_id create(int table, const syncline::local_id& id, const field_values& values) override {
        syncline::local_id made;
        visit(table, [&]<class E>(std::type_identity<E>) {
            E row{};
            row.*(syncline::entity_traits<E>::key) = syncline::id_of<E>(id);
            assign(row, values);
            made = rows_.create(row).local();
        });
        return made;
    }

    bool update(int table, const syncline::local_id& id, const field_values& values) override {
        bool found = false;
        visit(table, [&]<class E>(std::type_identity<E>) { found = rows_.update(syncline::id_of<E>(id), [&](E& row) { assign(row, values); }); });
        return found;
    }

    std::size_t remove(int table, const syncline::local_id& id) override {
        std::size_t removed = 0;
        visit(table, [&]<class E>(std::type_identity<E>) { removed = rows_.remove(syncline::id_of<E>(id)); });
        return removed;
    }

    void transaction(const std::function<void()>& work) override { rows_.transaction(work); }

private:
    template <class Act>
    static void visit(int table, Act&& act) {
        ((schema::template index_of<Es> == table ? act(std::type_identity<Es>{}) : void()), ...);
    }

    template <class E>
    static void assign(E& row, const field_values& values) {
        std::size_t column = 0;
        syncline::visit_declarations<E>([&](const auto& declaration) {
            const std::size_t i = column++;
            if (!syncline::has_column(values.mask, i)) return;
            try {
                syncline::from_cell(values.cells[i], row.*(declaration.member));
            } catch (const syncline::store_error&) {
                throw usage_error("an element of " + std::string(declaration.name) + " has another type than the set's");
            }
        });
    }

    repository& rows_;
};

}  // namespace shell
