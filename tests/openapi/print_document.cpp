/// Prints the description of the example's server, for tools that know OpenAPI better than our tests do.
#include <iostream>

#include <syncline/server/openapi.hpp>
#include <workout/schema.hpp>

int main() { std::cout << syncline::openapi_document(workout_tracker::schema::view()) << '\n'; }
