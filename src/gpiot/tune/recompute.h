#pragma once

namespace gpiot::tune {

/// What is computed again on the way back in place of being kept: less memory for more products.
enum class Recompute {
  none,
  ffn,    ///< gate and up of the FFN: one product of six
  block,  ///< everything but each block's input: about a third more work
};

}  // namespace gpiot::tune
