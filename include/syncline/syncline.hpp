/// Everything that needs nothing but nlohmann/json: both halves, memory store and backend, in-process transport.
#pragma once

#include <syncline/backends/memory.hpp>
#include <syncline/client/engine.hpp>
#include <syncline/client/replica.hpp>
#include <syncline/client/repository.hpp>
#include <syncline/schema/diagram.hpp>
#include <syncline/server/router.hpp>
#include <syncline/server/server.hpp>
#include <syncline/server/service.hpp>
#include <syncline/stores/memory.hpp>
#include <syncline/transports/in_process.hpp>
