// The row kernels for NVIDIA GPUs: kernels.h says what each computes. NVRTC compiles this text at run time, once with
// BF16 = 1 and once with BF16 = 0. Sums are in float. A `Pack` is 16 bytes: one access of memory.
#if BF16
typedef unsigned short T;
__device__ float load(T value) { return __uint_as_float(((unsigned)value) << 16); }
__device__ void store(T& place, float value) {
  const unsigned bits = __float_as_uint(value);
  place = (T)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}
#else
typedef float T;
__device__ float load(T value) { return value; }
__device__ void store(T& place, float value) { place = value; }
#endif
#define kInfinity __int_as_float(0x7f800000)
constexpr int V = 16 / sizeof(T);
struct alignas(16) Pack {
  T v[V];
};

__device__ float sum_of_block(float x) {
  __shared__ float parts[32];
  for (int step = 16; step > 0; step /= 2) x += __shfl_xor_sync(0xffffffffu, x, step);
  if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = x;
  __syncthreads();
  x = 0;
  for (int i = 0; i < blockDim.x / 32; ++i) x += parts[i];
  __syncthreads();
  return x;
}

__device__ float highest_of_block(float x) {
  __shared__ float parts[32];
  for (int step = 16; step > 0; step /= 2) x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, step));
  if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = x;
  __syncthreads();
  x = parts[0];
  for (int i = 1; i < blockDim.x / 32; ++i) x = fmaxf(x, parts[i]);
  __syncthreads();
  return x;
}

__device__ float sigmoid(float x) { return 1.0f / (1.0f + __expf(-x)); }

__device__ unsigned mix(unsigned x) {
  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= x >> 15;
  x *= 0x846ca68bu;
  return x ^ (x >> 16);
}

// One block a row; `packs` in a row.
extern "C" __global__ void rms_norm(const Pack* x, const float* weight, float eps, long long packs, Pack* y,
                                    float* inverse_rms) {
  const Pack* in = x + blockIdx.x * packs;
  float squares = 0;
  for (int p = threadIdx.x; p < packs; p += blockDim.x) {
    const Pack a = in[p];
    for (int i = 0; i < V; ++i) squares += load(a.v[i]) * load(a.v[i]);
  }
  const float scale = rsqrtf(sum_of_block(squares) / (packs * V) + eps);
  if (threadIdx.x == 0) inverse_rms[blockIdx.x] = scale;
  for (int p = threadIdx.x; p < packs; p += blockDim.x) {
    Pack a = in[p];
    for (int i = 0; i < V; ++i) store(a.v[i], load(a.v[i]) * scale * weight[p * V + i]);
    y[blockIdx.x * packs + p] = a;
  }
}

extern "C" __global__ void rms_norm_backward(const Pack* grad_y, const Pack* x, const float* weight,
                                             const float* inverse_rms, const Pack* residual, long long packs,
                                             Pack* grad_x) {
  const long long at = blockIdx.x * packs;
  float dot = 0;
  for (int p = threadIdx.x; p < packs; p += blockDim.x) {
    const Pack a = x[at + p], d = grad_y[at + p];
    for (int i = 0; i < V; ++i) dot += load(d.v[i]) * weight[p * V + i] * load(a.v[i]);
  }
  const float scale = inverse_rms[blockIdx.x];
  const float pull = sum_of_block(dot) * scale * scale * scale / (packs * V);
  for (int p = threadIdx.x; p < packs; p += blockDim.x) {
    const Pack a = x[at + p], d = grad_y[at + p], around = residual[at + p];
    Pack out;
    for (int i = 0; i < V; ++i) {
      store(out.v[i], load(around.v[i]) + load(d.v[i]) * weight[p * V + i] * scale - load(a.v[i]) * pull);
    }
    grad_x[at + p] = out;
  }
}

// One thread a pack of the output; `packs` in a row of it.
extern "C" __global__ void swiglu(const Pack* gate_up, long long packs, long long all, Pack* out) {
  const long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (at >= all) return;
  const Pack* in = gate_up + at / packs * 2 * packs + at % packs;
  const Pack gate = in[0], up = in[packs];
  Pack y;
  for (int i = 0; i < V; ++i) {
    const float g = load(gate.v[i]);
    store(y.v[i], g * sigmoid(g) * load(up.v[i]));
  }
  out[at] = y;
}

extern "C" __global__ void swiglu_backward(const Pack* grad, const Pack* gate_up, long long packs, long long all,
                                           Pack* out) {
  const long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (at >= all) return;
  const long long place = at / packs * 2 * packs + at % packs;
  const Pack d = grad[at], gate = gate_up[place], up = gate_up[place + packs];
  Pack grad_gate, grad_up;
  for (int i = 0; i < V; ++i) {
    const float g = load(gate.v[i]), s = sigmoid(g);
    store(grad_gate.v[i], load(d.v[i]) * load(up.v[i]) * s * (1.0f + g * (1.0f - s)));
    store(grad_up.v[i], load(d.v[i]) * g * s);
  }
  out[place] = grad_gate;
  out[place + packs] = grad_up;
}

// One thread a pair of numbers; cosines and sines [positions, half].
extern "C" __global__ void rope(T* qkv, const long long* positions, const float* cosines, const float* sines, int heads,
                                int half, long long stride, int halves, float sign, long long all) {
  const long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (at >= all) return;
  const int i = at % half;
  const long long head = at / half % heads, row = at / half / heads;
  T* x = qkv + row * stride + head * 2 * half + (halves ? i : 2 * i);
  T& second = x[halves ? half : 1];
  const float a = load(x[0]), b = load(second);
  const float c = cosines[positions[row] * half + i], s = sines[positions[row] * half + i] * sign;
  store(x[0], a * c - b * s);
  store(second, b * c + a * s);
}

// One block a row of keys; see causal_softmax_.
extern "C" __global__ void causal_softmax(T* scores, long long rows, long long keys, long long chunk, long long first,
                                          float scale, float* log_sums) {
  T* x = scores + blockIdx.x * keys;
  const long long seen = first + blockIdx.x % rows % chunk + 1;
  float highest = -kInfinity;
  for (int i = threadIdx.x; i < seen; i += blockDim.x) highest = fmaxf(highest, load(x[i]));
  highest = highest_of_block(highest);
  float sum = 0;
  for (int i = threadIdx.x; i < seen; i += blockDim.x) sum += expf((load(x[i]) - highest) * scale);
  const float log_sum = highest * scale + logf(sum_of_block(sum));
  for (int i = threadIdx.x; i < keys; i += blockDim.x) store(x[i], i < seen ? expf(load(x[i]) * scale - log_sum) : 0.0f);
  if (threadIdx.x == 0) log_sums[blockIdx.x] = log_sum;
}

extern "C" __global__ void causal_softmax_backward(T* scores, T* grad, const float* log_sums, const float* delta,
                                                   long long rows, long long keys, long long chunk, long long first,
                                                   float scale) {
  T* x = scores + blockIdx.x * keys;
  T* g = grad + blockIdx.x * keys;
  const long long seen = first + blockIdx.x % rows % chunk + 1;
  for (int i = threadIdx.x; i < keys; i += blockDim.x) {
    const float share = i < seen ? expf(load(x[i]) * scale - log_sums[blockIdx.x]) : 0.0f;
    store(g[i], i < seen ? share * (load(g[i]) - delta[blockIdx.x]) * scale : 0.0f);
    store(x[i], share);
  }
}

// One block a row of the vocabulary: the highest and the sum in one pass, each thread its own, joined at the end.
extern "C" __global__ void cross_entropy(T* logits, const long long* labels, long long width, int backward, float scale,
                                         float* losses) {
  T* x = logits + blockIdx.x * width;
  float highest = -kInfinity, sum = 0;
  for (int i = threadIdx.x; i < width; i += blockDim.x) {
    const float value = load(x[i]);
    if (value > highest) {
      sum = sum * __expf(highest - value) + 1.0f;
      highest = value;
    } else {
      sum += __expf(value - highest);
    }
  }
  const float top = highest_of_block(highest);
  sum = sum_of_block(highest == -kInfinity ? 0.0f : sum * expf(highest - top));
  const float log_sum = top + logf(sum);
  const long long label = labels[blockIdx.x];
  if (threadIdx.x == 0) losses[blockIdx.x] = log_sum - load(x[label]);
  __syncthreads();
  if (!backward) return;
  for (int i = threadIdx.x; i < width; i += blockDim.x) {
    const float share = __expf(load(x[i]) - log_sum);
    store(x[i], (i == label ? share - 1.0f : share) * scale);
  }
}

// Eight bits to numbers: one thread a number, `columns` in a row, `width` numbers share a scale.
extern "C" __global__ void dequantise(const signed char* numbers, const unsigned short* scales, long long columns,
                                      long long width, long long all, T* out) {
  const long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (at >= all) return;
  const long long row = at / columns, groups = (columns + width - 1) / width;
  const unsigned scale = scales[row * groups + at % columns / width];
  store(out[at], numbers[at] * __uint_as_float(scale << 16));
}

extern "C" __global__ void dropout(const Pack* x, unsigned below, unsigned start, float scale, long long all, Pack* out) {
  const long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (at >= all) return;
  Pack a = x[at];
  for (int i = 0; i < V; ++i) store(a.v[i], mix((unsigned)(at * V + i) ^ start) < below ? 0.0f : load(a.v[i]) * scale);
  out[at] = a;
}
