#pragma once

namespace gpiot::llm {

/// Lets the threads that compute sleep where they wait for each other, instead of spinning: beside two busy programs a
/// token took .35 to 3 s while they spun and .14 to .16 since, alone it takes 1.04 to 1.12 times as long
/// (bench/serving/waiting.py). OpenMP reads its settings before main, so the program starts itself anew, once, with
/// OMP_WAIT_POLICY=passive; not where the user has set that or GOMP_SPINCOUNT. Call it first in main. Without /proc it
/// changes nothing.
void sleep_while_waiting(char** arguments);

}  // namespace gpiot::llm
