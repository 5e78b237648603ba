//! Reads a database file through and through before LMDB maps it.
//!
//! LMDB trusts its pages: a flipped bit in one is a wild read, an endless walk or an `abort`. So whatever LMDB would
//! follow is checked here, by ordinary reads: both meta pages, the shape of every page of the tree and of the list of
//! free pages, the order of the keys, and that no page is used twice. The layout is that of LMDB 0.9 (`mdb.c`:
//! `MDB_page`, `MDB_node`, `MDB_db`, `MDB_meta`) on a 64-bit little-endian machine.
//!
//! The bytes of values are not looked at: they carry their own checks (`entry.rs`).

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// The header of a page, before its content.
const HEADER: usize = 16;
/// The fixed part of a node, before its key.
const NODE: usize = 8;
const BRANCH: u16 = 1;
const LEAF: u16 = 2;
const OVERFLOW: u16 = 4;
const META: u16 = 8;
/// The node's value lies on overflow pages.
const BIG: u16 = 1;
/// `MDB_INTEGERKEY`, the flag of the list of free pages.
const INTEGER_KEY: u16 = 8;
const MAGIC: u32 = 0xBEEF_C0DE;
const NONE: u64 = u64::MAX;
/// LMDB's cursors go no deeper.
const DEEPEST: u16 = 32;
const LONGEST_KEY: usize = 511;

/// Why a file must not be given to LMDB.
#[derive(Debug)]
pub(super) enum Unfit {
    /// It is damaged; what was found.
    Damaged(String),
    /// It could not be read.
    Unreadable(io::Error),
}

impl From<io::Error> for Unfit {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => damaged("it ends before its last page"),
            _ => Self::Unreadable(error),
        }
    }
}

fn damaged(what: impl Into<String>) -> Unfit {
    Unfit::Damaged(what.into())
}

fn require(holds: bool, what: &str) -> Result<(), Unfit> {
    if holds { Ok(()) } else { Err(damaged(what)) }
}

/// Checks the whole file.
///
/// # Errors
/// What is wrong with it.
pub(super) fn check(file: &File) -> Result<(), Unfit> {
    let size = file.metadata()?.len();
    // SAFETY: sysconf has no preconditions.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).unwrap_or(4096);
    require(size > 0, "it is empty")?;
    require(size >= 2 * page as u64, "it is too short")?;
    let meta = newest(Meta::read(file, 0, page)?, Meta::read(file, 1, page)?)?;
    let pages = size / page as u64;
    // The file may end before the last page where the final pages are free, but never grows a hundredfold by that.
    require(
        meta.last >= 1 && meta.last < (1 << 40),
        "its last page is out of range",
    )?;
    let mut walk = Walk {
        file,
        page,
        last: meta.last.min(pages.saturating_sub(1)),
        used: vec![0; usize::try_from(pages / 64 + 1).unwrap_or(0)],
        counts: Counts::default(),
        previous: None,
        free: Vec::new(),
    };
    walk.tree(&meta.main, 0, false)?;
    walk.tree(&meta.free, INTEGER_KEY, true)?;
    walk.free_pages(meta.last)
}

/// `MDB_db`: where a tree begins and what it counts.
#[derive(Clone, Debug)]
struct Tree {
    flags: u16,
    depth: u16,
    counts: Counts,
    root: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    branches: u64,
    leaves: u64,
    overflows: u64,
    entries: u64,
}

/// `MDB_meta`.
struct Meta {
    free: Tree,
    main: Tree,
    last: u64,
    transaction: u64,
}

impl Meta {
    fn read(file: &File, number: u64, page: usize) -> Result<Self, Unfit> {
        let mut bytes = [0; HEADER + 136];
        file.read_exact_at(&mut bytes, number * page as u64)?;
        require(
            word(&bytes, 0) == number,
            "a meta page has the wrong number",
        )?;
        require(half(&bytes, 10) == META, "a meta page is none")?;
        let meta = &bytes[HEADER..];
        require(int(meta, 0) == MAGIC, "it is not a database")?;
        require(int(meta, 4) == 1, "it is of another version of LMDB")?;
        require(word(meta, 8) == 0, "it wants a fixed address")?;
        require(
            int(meta, 24) as usize == page,
            "its pages have another size",
        )?;
        Ok(Self {
            free: Tree::parse(&meta[24..72]),
            main: Tree::parse(&meta[72..120]),
            last: word(meta, 120),
            transaction: word(meta, 128),
        })
    }
}

impl Tree {
    fn parse(bytes: &[u8]) -> Self {
        Self {
            flags: half(bytes, 4),
            depth: half(bytes, 6),
            counts: Counts {
                branches: word(bytes, 8),
                leaves: word(bytes, 16),
                overflows: word(bytes, 24),
                entries: word(bytes, 32),
            },
            root: word(bytes, 40),
        }
    }
}

/// The meta page that LMDB takes: that of the later transaction, which must stand where such a number is written.
fn newest(first: Meta, second: Meta) -> Result<Meta, Unfit> {
    let (odd, even) = (second.transaction, first.transaction);
    require(
        even.is_multiple_of(2) && (odd % 2 == 1 || odd == 0) && even.abs_diff(odd) <= 1,
        "its meta pages contradict each other",
    )?;
    Ok(if odd > even { second } else { first })
}

struct Walk<'a> {
    file: &'a File,
    page: usize,
    /// The last page there is.
    last: u64,
    /// One bit for each page that something refers to.
    used: Vec<u64>,
    counts: Counts,
    /// The last key seen, and whether it was a branch's: keys rise through the whole tree, and the first key below a
    /// branch's may equal it.
    previous: Option<(Vec<u8>, bool)>,
    free: Vec<u64>,
}

impl Walk<'_> {
    fn tree(&mut self, tree: &Tree, flags: u16, free: bool) -> Result<(), Unfit> {
        require(tree.flags == flags, "a tree has other flags")?;
        self.counts = Counts::default();
        self.previous = None;
        if tree.root == NONE {
            require(
                tree.depth == 0 && tree.counts == self.counts,
                "an empty tree counts something",
            )?;
            return Ok(());
        }
        require((1..=DEEPEST).contains(&tree.depth), "a tree is too deep")?;
        self.visit(tree.root, tree.depth, free, None)?;
        require(self.counts == tree.counts, "a tree counts wrongly")
    }

    /// One page and all below it; `depth` is 1 for a leaf. `bound` is the first key that lies beyond it.
    fn visit(
        &mut self,
        number: u64,
        depth: u16,
        free: bool,
        bound: Option<&[u8]>,
    ) -> Result<(), Unfit> {
        self.claim(number, 1)?;
        let mut page = vec![0; self.page];
        self.file
            .read_exact_at(&mut page, number * self.page as u64)?;
        require(word(&page, 0) == number, "a page has the wrong number")?;
        let leaf = depth == 1;
        let nodes = nodes(&page, if leaf { LEAF } else { BRANCH }, self.page)?;
        if leaf {
            self.counts.leaves += 1;
            self.leaf(&page, &nodes, free, bound)
        } else {
            self.counts.branches += 1;
            require(nodes.len() >= 2, "a branch has fewer than two children")?;
            self.branch(&page, &nodes, depth, free, bound)
        }
    }

    fn branch(
        &mut self,
        page: &[u8],
        nodes: &[usize],
        depth: u16,
        free: bool,
        bound: Option<&[u8]>,
    ) -> Result<(), Unfit> {
        for (index, &node) in nodes.iter().enumerate() {
            let key = key_at(page, node);
            // The first key of a branch is never compared and may be empty.
            if index > 0 {
                require(key_fits(key, free), "a branch has a key of a wrong length")?;
                self.rises(key, free)?;
                self.previous = Some((key.to_vec(), true));
            }
            let next = nodes
                .get(index + 1)
                .map(|&next| key_at(page, next))
                .or(bound);
            let child = u64::from(half(page, node))
                | u64::from(half(page, node + 2)) << 16
                | u64::from(half(page, node + 4)) << 32;
            self.visit(child, depth - 1, free, next)?;
        }
        Ok(())
    }

    fn rises(&self, key: &[u8], free: bool) -> Result<(), Unfit> {
        let rises = self.previous.as_ref().is_none_or(|(previous, branch)| {
            less(previous, key, free) || *branch && previous == key
        });
        require(rises, "keys are out of order")
    }

    fn leaf(
        &mut self,
        page: &[u8],
        nodes: &[usize],
        free: bool,
        bound: Option<&[u8]>,
    ) -> Result<(), Unfit> {
        for &node in nodes {
            let key = key_at(page, node);
            require(key_fits(key, free), "a key has a wrong length")?;
            self.rises(key, free)?;
            let below = bound.is_none_or(|bound| less(key, bound, free));
            require(below, "keys are out of order")?;
            self.previous = Some((key.to_vec(), false));
            self.counts.entries += 1;
            self.value(page, node, free)?;
        }
        Ok(())
    }

    fn value(&mut self, page: &[u8], node: usize, free: bool) -> Result<(), Unfit> {
        let size = size_at(page, node);
        let start = node + NODE + usize::from(half(page, node + 6));
        if half(page, node + 4) & BIG == 0 {
            return if free {
                self.list(&page[start..start + size])
            } else {
                Ok(())
            };
        }
        let first = word(page, start);
        let needed = ((HEADER - 1 + size) / self.page + 1) as u64;
        let mut header = [0; HEADER];
        require(
            first >= 2 && first <= self.last,
            "a value lies beyond the end",
        )?;
        self.file
            .read_exact_at(&mut header, first * self.page as u64)?;
        require(
            word(&header, 0) == first && half(&header, 10) == OVERFLOW,
            "a value's page is none",
        )?;
        let count = u64::from(int(&header, 12));
        require(count >= needed, "a value is longer than its pages")?;
        self.claim(first, count)?;
        self.counts.overflows += count;
        if free {
            let mut list = vec![0; size];
            self.file
                .read_exact_at(&mut list, first * self.page as u64 + HEADER as u64)?;
            self.list(&list)?;
        }
        Ok(())
    }

    /// One list of free pages: how many, then their numbers, falling.
    fn list(&mut self, bytes: &[u8]) -> Result<(), Unfit> {
        require(
            bytes.len() >= 8 && bytes.len().is_multiple_of(8),
            "a list of free pages is cut",
        )?;
        let count = word(bytes, 0);
        require(
            count <= (bytes.len() / 8 - 1) as u64,
            "a list of free pages is too long",
        )?;
        let from = self.free.len();
        for index in 0..usize::try_from(count).unwrap_or(0) {
            self.free.push(word(bytes, 8 + index * 8));
        }
        require(
            self.free[from..].is_sorted_by(|earlier, later| earlier > later),
            "a list of free pages is out of order",
        )
    }

    /// That no free page is in use, or free twice.
    fn free_pages(&mut self, last: u64) -> Result<(), Unfit> {
        for number in std::mem::take(&mut self.free) {
            require((2..=last).contains(&number), "a free page is out of range")?;
            // Free pages beyond the end of the file have no bit; nothing can refer to them.
            if number <= self.last {
                self.claim(number, 1)?;
            }
        }
        Ok(())
    }

    fn claim(&mut self, first: u64, count: u64) -> Result<(), Unfit> {
        let end = first.checked_add(count);
        require(
            first >= 2 && end.is_some_and(|end| end <= self.last + 1),
            "a page lies beyond the end",
        )?;
        for number in first..first + count {
            let bits = &mut self.used[usize::try_from(number / 64).unwrap_or(usize::MAX)];
            let bit = 1 << (number % 64);
            require(*bits & bit == 0, "a page is used twice")?;
            *bits |= bit;
        }
        Ok(())
    }
}

/// Where the nodes of a page begin. They must fill its upper part exactly, which is what LMDB's own moving of nodes
/// relies on.
fn nodes(page: &[u8], kind: u16, size: usize) -> Result<Vec<usize>, Unfit> {
    require(half(page, 10) == kind, "a page is of another kind")?;
    let (lower, upper) = (usize::from(half(page, 12)), usize::from(half(page, 14)));
    require(
        lower >= HEADER && lower <= upper && upper <= size && lower.is_multiple_of(2),
        "a page's bounds are wrong",
    )?;
    let nodes: Vec<usize> = (HEADER..lower)
        .step_by(2)
        .map(|at| usize::from(half(page, at)))
        .collect();
    require(!nodes.is_empty(), "a page is empty")?;
    let mut sorted = nodes.clone();
    sorted.sort_unstable();
    let mut expected = upper;
    for node in sorted {
        require(
            node == expected && node + NODE <= size,
            "a node is misplaced",
        )?;
        let flags = half(page, node + 4);
        let inner = if kind == BRANCH {
            0
        } else {
            require(flags & !BIG == 0, "a node is of another kind")?;
            if flags & BIG != 0 {
                8
            } else {
                size_at(page, node)
            }
        };
        let length = NODE + usize::from(half(page, node + 6)) + inner;
        expected = node + length + length % 2;
        require(expected <= size, "a node leaves its page")?;
    }
    require(expected == size, "a page has a gap")?;
    Ok(nodes)
}

fn key_at(page: &[u8], node: usize) -> &[u8] {
    let length = usize::from(half(page, node + 6));
    &page[node + NODE..node + NODE + length]
}

fn size_at(page: &[u8], node: usize) -> usize {
    usize::from(half(page, node)) | usize::from(half(page, node + 2)) << 16
}

fn key_fits(key: &[u8], free: bool) -> bool {
    if free {
        key.len() == 8
    } else {
        (1..=LONGEST_KEY).contains(&key.len())
    }
}

/// The order of the tree: bytes, or numbers for the list of free pages.
fn less(first: &[u8], second: &[u8], free: bool) -> bool {
    if free && first.len() == 8 && second.len() == 8 {
        word(first, 0) < word(second, 0)
    } else {
        first < second
    }
}

fn half(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn int(bytes: &[u8], at: usize) -> u32 {
    u32::from(half(bytes, at)) | u32::from(half(bytes, at + 2)) << 16
}

fn word(bytes: &[u8], at: usize) -> u64 {
    u64::from(int(bytes, at)) | u64::from(int(bytes, at + 4)) << 32
}
