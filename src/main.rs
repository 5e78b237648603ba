//! The program. Everything is in the library, for the tests and for other programs.

mod allocator;

#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator;

fn main() -> std::process::ExitCode {
    // The allocator asks for huge pages; of each it touches a part, and the kernel clears all two megabytes. Where the
    // kernel has no such switch, it is as it was.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
    hookfs::cli::main()
}
