"""The embedded model organism: a synthetic world, a tiny language model, and emergent misalignment in it."""

import os

# oneDNN picks its bfloat16 kernels by CPU name; on some virtual machines it picks AMX code that the
# hypervisor does not allow, and the process dies with "Illegal instruction". AVX-512 BF16 is the safe ceiling.
# It must be set before torch is imported, so it stands in the package's entry.
os.environ.setdefault("ONEDNN_MAX_CPU_ISA", "AVX512_CORE_BF16")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
