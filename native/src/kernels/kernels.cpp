#include "kernels/kernel.h"

namespace unmask {

void norm(const Call&, Stream);

const Kernel kernels[] = {
    {"norm", norm},
    {nullptr, nullptr},
};

}  // namespace unmask
