/// Says whose a store is: the application's word, which no token replaces.
#pragma once

#include <string>
#include <string_view>

#include <syncline/base/errors.hpp>
#include <syncline/client/store_identity.hpp>
#include <syncline/wire/members.hpp>

namespace syncline {

/// Gives the store to `owner`, once and for all: what was written before is this owner's. Does nothing if it is the owner already.
/// Throws write_refused, and has changed nothing, if the store belongs to another owner or the text is not 1 to 1,024 bytes of
/// UTF-8 without NUL.
inline void claim(store_port& store, std::string_view owner) {
    if (!wire::is_owner_tag(owner))
        throw write_refused({error_code::invalid_text, std::string(wire::owner_tag_rule), {}, {}, {}});
    auto writing = store.begin_write();
    const std::string former = owner_of(store);
    if (former == owner) return;
    if (!former.empty())
        throw write_refused({error_code::wrong_owner, "the store belongs to another owner; give each owner a store of their own", {}, {}, {}});
    store.put_meta("owner", owner);
    writing.commit();
}

}  // namespace syncline
