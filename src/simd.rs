//! Vector instructions beyond those that the program is compiled for, chosen when it runs.
//!
//! `dispatch!` compiles a kernel once for each [`Level`] and calls the one for the processor at hand. Kernels are plain
//! loops without fused multiply-add, in which every number is a sum in an order that the source fixes: wider registers hold
//! more of these sums, and change none, so that the bits are the same at every level and in wasm, which has one level only.
//!
//! Own code, because the crates that do this (multiversion, pulp) do not let tests choose the level, or need a record for
//! each kernel.

use std::sync::atomic::{AtomicU8, Ordering};

/// Instruction sets, each of which includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What the program is compiled for: two numbers in a register (SSE2, wasm `simd128`, NEON).
    Baseline,
    /// x86-64 with AVX2: four numbers in one of 16 registers.
    Avx2,
    /// x86-64 with AVX-512 (F and VL): up to eight numbers in one of 32 registers.
    Avx512,
}

/// The level that kernels run at, as its number and one; 0 before the first of them. All levels give the same bits, so that
/// this decides how long a result takes and nothing else.
static CHOSEN: AtomicU8 = AtomicU8::new(0);

impl Level {
    /// All levels, ascending.
    pub const ALL: [Level; 3] = [Level::Baseline, Level::Avx2, Level::Avx512];

    /// The widest level that the processor has.
    pub fn widest() -> Level {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected;
            if is_x86_feature_detected!("avx2") {
                let wider = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl");
                return if wider { Level::Avx512 } else { Level::Avx2 };
            }
        }
        Level::Baseline
    }

    /// The level that takes the least time on this processor: the widest, but for the first AMD processors with AVX-512
    /// (Zen 4), which compute 512 bits in two halves: there Hessians and spectra take up to a third longer than with AVX2.
    fn fastest() -> Level {
        #[cfg(target_arch = "x86_64")]
        if processor() == (*b"AuthenticAMD", 0x19) {
            return Level::widest().min(Level::Avx2);
        }
        Level::widest()
    }

    /// The level that kernels run at: the fastest, unless another was asked for.
    #[inline(always)]
    pub fn current() -> Level {
        if cfg!(not(target_arch = "x86_64")) {
            return Level::Baseline;
        }
        match CHOSEN.load(Ordering::Relaxed) {
            1 => Level::Baseline,
            2 => Level::Avx2,
            3 => Level::Avx512,
            _ => Level::fastest().limit(),
        }
    }

    /// From now on kernels run, on all threads, at this level or the widest below it that the processor has, which is
    /// returned: for tests and measurements.
    #[cold]
    pub fn limit(self) -> Level {
        let level = self.min(Level::widest());
        CHOSEN.store(level as u8 + 1, Ordering::Relaxed);
        level
    }
}

/// Vendor and family of the processor, as the instruction CPUID states them (AMD64 Architecture Programmer's Manual, volume 3,
/// appendix E, functions 0 and 1).
#[cfg(target_arch = "x86_64")]
fn processor() -> ([u8; 12], u32) {
    use std::arch::x86_64::__cpuid;
    let (names, signature) = (__cpuid(0), __cpuid(1).eax);
    let mut vendor = [0; 12];
    for (bytes, register) in vendor.chunks_exact_mut(4).zip([names.ebx, names.edx, names.ecx]) {
        bytes.copy_from_slice(&register.to_le_bytes());
    }
    let (base, extended) = (signature >> 8 & 0xf, signature >> 20 & 0xff);
    (vendor, if base == 0xf { base + extended } else { base })
}

/// Calls `kernel(argument, …)` as compiled for [`Level::current`]; arguments are given with their types, because functions
/// are made of them. `kernel::<WIDTH>(…)` gets the numbers in a register as WIDTH. A kernel is `#[inline(always)]`, and so
/// is all that its loops call: only what is inlined gets the wider instructions.
#[cfg(target_arch = "x86_64")]
macro_rules! dispatch {
    ($kernel:ident $(::<$width:ident>)? ($($argument:ident: $type:ty),* $(,)?) $(-> $output:ty)?) => {{
        #[target_feature(enable = "avx2")]
        fn avx2($($argument: $type),*) $(-> $output)? {
            $(const $width: usize = 4;)?
            $kernel $(::<$width>)? ($($argument),*)
        }
        #[target_feature(enable = "avx2,avx512f,avx512vl")]
        fn avx512($($argument: $type),*) $(-> $output)? {
            $(const $width: usize = 8;)?
            $kernel $(::<$width>)? ($($argument),*)
        }
        #[inline(always)]
        #[allow(unsafe_code)]
        fn chosen($($argument: $type),*) $(-> $output)? {
            $(const $width: usize = 2;)?
            match $crate::simd::Level::current() {
                // SAFETY: the processor has the instructions of every level that is current.
                $crate::simd::Level::Avx512 => unsafe { avx512($($argument),*) },
                $crate::simd::Level::Avx2 => unsafe { avx2($($argument),*) },
                $crate::simd::Level::Baseline => $kernel $(::<$width>)? ($($argument),*),
            }
        }
        chosen($($argument),*)
    }};
}
#[cfg(not(target_arch = "x86_64"))]
macro_rules! dispatch {
    ($kernel:ident $(::<$width:ident>)? ($($argument:ident: $type:ty),* $(,)?) $(-> $output:ty)?) => {{
        $(const $width: usize = 2;)?
        $kernel $(::<$width>)? ($($argument),*)
    }};
}
pub(crate) use dispatch;
