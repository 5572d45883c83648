/// Everything that reads messages: bytes of the other side, which is trusted in nothing, into plain values.
#pragma once

#include <syncline/wire/pull_target.hpp>
#include <syncline/wire/read_error.hpp>
#include <syncline/wire/read_page.hpp>
#include <syncline/wire/read_push.hpp>
#include <syncline/wire/read_push_answer.hpp>
