/// Everything that writes messages, straight into one text.
#pragma once

#include <syncline/wire/page_writer.hpp>
#include <syncline/wire/pull_target.hpp>
#include <syncline/wire/push_answer_writer.hpp>
#include <syncline/wire/push_writer.hpp>
#include <syncline/wire/write_error.hpp>
