//! The store on disk: the suite, restarts, limits; damage, crashes, and both at once in their own files.

mod basics;
mod damage;
mod faults;
mod limits;
mod stress;
