/* The header is all that a program needs to include. */
#include <tfckpt/tfckpt.h>

int main(void) { return tfckpt_abi_version() == TFCKPT_ABI_VERSION ? TFCKPT_OK : 1; }
