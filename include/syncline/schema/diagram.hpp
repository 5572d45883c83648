/// Draws a schema: its tables in push order and what points at what, as Mermaid or Graphviz text.
#pragma once

#include <string>
#include <string_view>

#include <syncline/schema/schema.hpp>
#include <syncline/schema/schema_view.hpp>

namespace syncline {

/// "3: workout_sets (rank 2)": the place in the push order counts from 1.
[[nodiscard]] inline std::string diagram_label(const schema_view& schema, int table) {
    return std::to_string(table + 1) + ": " + std::string(schema[table].name) + " (rank " + std::to_string(schema[table].rank) +
           ")";
}

/// Mermaid flowchart. An arrow runs from a table to one pushed before it: thick for a parent, thin for a reference,
/// dotted for a nullable key, dotted with a cross for a deferred key; "depends on" stands on an order that no key shows.
[[nodiscard]] inline std::string to_mermaid(const schema_view& schema) {
    std::string text = "flowchart BT\n";
    const auto node = [](int table) { return "t" + std::to_string(table + 1); };
    for (int table = 0; table < schema.size(); ++table)
        text += "    " + node(table) + "[\"" + diagram_label(schema, table) + "\"]\n";
    for (int table = 0; table < schema.size(); ++table) {
        for (const column_view& column : schema[table].columns) {
            if (column.kind != column_kind::key) continue;
            const std::string_view arrow = column.deferred ? "-.-x" : column.nullable ? "-.->" : column.owning ? "==>" : "-->";
            text += "    " + node(table) + " " + std::string(arrow) + "|\"" + std::string(column.name) +
                    (column.deferred   ? " (deferred)"
                     : column.nullable ? " (nullable)"
                                       : "") +
                    "\"| " + node(column.target) + "\n";
        }
        for (const int before : schema[table].dependencies)
            text += "    " + node(table) + " -->|\"depends on\"| " + node(before) + "\n";
    }
    return text;
}

/// Graphviz digraph. An arrow runs from a table to one pushed before it: bold for a parent, thin for a reference,
/// dashed for a nullable key, dotted and red for a deferred key; "depends on" stands on an order that no key shows.
[[nodiscard]] inline std::string to_dot(const schema_view& schema) {
    std::string text = "digraph schema {\n    rankdir=BT;\n    node [shape=box];\n";
    const auto node = [](int table) { return "t" + std::to_string(table + 1); };
    for (int table = 0; table < schema.size(); ++table)
        text += "    " + node(table) + " [label=\"" + diagram_label(schema, table) + "\"];\n";
    for (int table = 0; table < schema.size(); ++table) {
        for (const column_view& column : schema[table].columns) {
            if (column.kind != column_kind::key) continue;
            const std::string_view style = column.deferred   ? "style=dotted, color=red, constraint=false"
                                           : column.nullable ? "style=dashed"
                                           : column.owning   ? "style=bold"
                                                             : "style=solid";
            text += "    " + node(table) + " -> " + node(column.target) + " [label=\"" + std::string(column.name) +
                    (column.deferred   ? " (deferred)"
                     : column.nullable ? " (nullable)"
                                       : "") +
                    "\", " + std::string(style) + "];\n";
        }
        for (const int before : schema[table].dependencies)
            text += "    " + node(table) + " -> " + node(before) + " [label=\"depends on\", style=solid];\n";
    }
    return text + "}\n";
}

/// The same of a schema type: `to_mermaid<schema>()`.
template <any_schema S>
[[nodiscard]] std::string to_mermaid() {
    return to_mermaid(S::view());
}
template <any_schema S>
[[nodiscard]] std::string to_dot() {
    return to_dot(S::view());
}

}  // namespace syncline
