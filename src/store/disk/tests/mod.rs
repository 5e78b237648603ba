//! The store on disk: the suite, restarts, limits; damage and crashes in their own files.

mod basics;
mod damage;
mod faults;
mod limits;
mod packs;
mod running;
mod stress;
