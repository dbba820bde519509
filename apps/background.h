#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace gpiot::apps {

/// Starts this program again with these arguments as a process of its own: a session of its own, no terminal, none of
/// our open files, no child of ours. Waits until it closes its stdout (`talk_to_log`) or ends, and returns what it said
/// there and on stderr till then. May be called where threads run. Errors: Io.
[[nodiscard]] std::string start_in_background(const std::vector<std::string>& arguments);

/// The calling process, its session and all that it starts get what others leave over: nice 19, SCHED_IDLE, the idle
/// class of the disk. What the system does not allow is left as it is.
void take_lowest_priority();

/// Stdout and stderr go to this file from now on, made anew. Errors: Io.
void talk_to_log(const std::filesystem::path& log);

/// When the process began, as the kernel counts it: with its number this names it for good. Empty = there is none.
[[nodiscard]] std::string process_start(pid_t process);

/// Asks the process to end, after `patience_s` without asking. True where it is gone. A process with the same number
/// that began at another time is not touched.
bool end_process(pid_t process, const std::string& start, int patience_s);

}  // namespace gpiot::apps
