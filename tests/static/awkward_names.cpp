/// What a schema derives from names that need care.
#include <support/releases.hpp>

namespace {

using syncline::row_member;
using syncline::table_view;

constexpr table_view release = releases::schema::view()[releases::release_table];
constexpr table_view change = releases::schema::view()[releases::change_table];

static_assert(release.name == "App Releases" && release.entity == "App_Release" && release.route == "app-releases");
static_assert(change.name == "CHANGES" && change.entity == "CHANGES" && change.route == "changes");

static_assert(!release.has_plain_members && !change.has_plain_members);
static_assert(release.name_of(row_member::id) == "$id" && change.name_of(row_member::id) == "id");
static_assert(release.name_of(row_member::local) == "localId" && change.name_of(row_member::local) == "$localId");
static_assert(release.name_of(row_member::version) == "$version" && change.name_of(row_member::version) == "version");
static_assert(release.name_of(row_member::updated_at) == "$updatedAt" && change.name_of(row_member::updated_at) == "updatedAt");
static_assert(release.name_of(row_member::is_deleted) == "isDeleted" && change.name_of(row_member::is_deleted) == "$isDeleted");
static_assert(release.name_of(row_member::incarnation) == "incarnation" && change.name_of(row_member::incarnation) == "incarnation");

}  // namespace
