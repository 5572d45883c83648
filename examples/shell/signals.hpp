/// Work that goes on until the user or the system asks for its end.
#pragma once

#include <csignal>
#include <unistd.h>

#include <exception>
#include <functional>
#include <thread>

namespace shell {

/// Runs `work` on a thread of its own until SIGINT or SIGTERM comes, then calls `stop`, or until it ends by itself. Throws what `work`
/// throws. To be called before the process has other threads.
inline void run_until_signalled(const std::function<void()>& work, const std::function<void()>& stop) {
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    // Before any thread is made, so that the signal waits for sigwait.
    pthread_sigmask(SIG_BLOCK, &ending, nullptr);
    std::exception_ptr failure;
    std::thread working([&] {
        try {
            work();
        } catch (...) {
            failure = std::current_exception();
        }
        ::kill(::getpid(), SIGTERM);
    });
    int caught = 0;
    sigwait(&ending, &caught);
    stop();
    working.join();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace shell
