#pragma once

namespace gpiot::llm {

/// Lets the threads that compute sleep where they wait for each other, instead of spinning: beside other programs a
/// token took 350 ms while they spun and 160 ms since (two cores, two busy programs), alone as long as before. OpenMP
/// reads its settings before main, so the program starts itself anew, once, with OMP_WAIT_POLICY=passive; not where
/// the user has set that or GOMP_SPINCOUNT. Call it first in main. Without /proc it changes nothing.
void sleep_while_waiting(char** arguments);

}  // namespace gpiot::llm
