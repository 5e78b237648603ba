//! The program. Everything is in the library, for the tests and for other programs.

/// Compiling allocates much and in many threads; glibc's allocator keeps what was freed.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    hookfs::cli::main()
}
