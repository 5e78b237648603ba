//! What a WebAssembly module imports and exports (WebAssembly Core Specification, 5.5 "Modules").

/// The two sections that speak of other modules.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Interface {
    pub(super) imports: Vec<Import>,
    pub(super) exports: Vec<Export>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Import {
    /// The specifier.
    pub(super) module: String,
    pub(super) name: String,
    pub(super) is_global: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Export {
    pub(super) name: String,
    pub(super) is_global: bool,
}

const CUT: &str = "it ends too early";
const UNKNOWN: &str = "it imports what hookfs does not know";

/// Kinds of what is imported and exported (5.5.5, 5.5.10).
const FUNCTION: u8 = 0;
const TABLE: u8 = 1;
const MEMORY: u8 = 2;
const GLOBAL: u8 = 3;
const TAG: u8 = 4;

impl Interface {
    /// Reads a module in the binary format.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, &'static str> {
        let mut rest = Bytes(bytes);
        if rest.take(4).ok() != Some(b"\0asm") {
            return Err("it does not begin as WebAssembly does");
        }
        match rest.take(4)? {
            [1, 0, 0, 0] => {}
            [_, _, 1, 0] => return Err("it is a component, which browsers do not run"),
            _ => return Err("it is of a version that browsers do not know"),
        }
        let mut interface = Self::default();
        while !rest.0.is_empty() {
            let section = rest.byte()?;
            let length = rest.number()?;
            let mut content = Bytes(rest.take(length)?);
            match section {
                2 => interface.imports = content.all(Bytes::import)?,
                7 => interface.exports = content.all(Bytes::export)?,
                _ => {}
            }
        }
        Ok(interface)
    }
}

/// What is left to be read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], &'static str> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(CUT)?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, &'static str> {
        let (first, rest) = self.0.split_first().ok_or(CUT)?;
        self.0 = rest;
        Ok(*first)
    }

    /// An integer in LEB128, signed or not, whose value does not matter here (5.2.2).
    fn integer(&mut self) -> Result<(), &'static str> {
        while self.byte()? & 0x80 != 0 {}
        Ok(())
    }

    /// A `u32`.
    fn number(&mut self) -> Result<usize, &'static str> {
        let mut value = 0_u64;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return usize::try_from(value).map_err(|_| CUT);
            }
        }
        Err("a number in it is too long")
    }

    /// A vector (5.1.3). Nothing is set aside for what it says to have.
    fn all<T>(
        &mut self,
        one: impl Fn(&mut Self) -> Result<T, &'static str>,
    ) -> Result<Vec<T>, &'static str> {
        let count = self.number()?;
        let mut all = Vec::new();
        for _ in 0..count {
            all.push(one(self)?);
        }
        Ok(all)
    }

    fn name(&mut self) -> Result<String, &'static str> {
        let length = self.number()?;
        let text = std::str::from_utf8(self.take(length)?);
        Ok(text.map_err(|_| "a name in it is no UTF-8")?.to_owned())
    }

    fn import(&mut self) -> Result<Import, &'static str> {
        let (module, name) = (self.name()?, self.name()?);
        let kind = self.byte()?;
        match kind {
            FUNCTION => self.integer()?,
            TABLE => {
                self.value_type()?;
                self.limits()?;
            }
            MEMORY => self.limits()?,
            GLOBAL => {
                self.value_type()?;
                self.byte()?;
            }
            TAG => {
                self.byte()?;
                self.integer()?;
            }
            _ => return Err(UNKNOWN),
        }
        Ok(Import {
            module,
            name,
            is_global: kind == GLOBAL,
        })
    }

    fn export(&mut self) -> Result<Export, &'static str> {
        let name = self.name()?;
        let is_global = self.byte()? == GLOBAL;
        self.integer()?;
        Ok(Export { name, is_global })
    }

    /// One byte, but for references to a heap type that follows (5.3.3 to 5.3.5).
    fn value_type(&mut self) -> Result<(), &'static str> {
        match self.byte()? {
            0x63 | 0x64 => self.integer(),
            _ => Ok(()),
        }
    }

    /// Flags, the least, and what the flags say to follow: the most, the size of a page (5.3.12 and the proposals for
    /// threads, 64 bits and sizes of pages).
    fn limits(&mut self) -> Result<(), &'static str> {
        let flags = self.byte()?;
        if flags & !0x0f != 0 {
            return Err(UNKNOWN);
        }
        self.integer()?;
        if flags & 1 != 0 {
            self.integer()?;
        }
        if flags & 8 != 0 {
            self.integer()?;
        }
        Ok(())
    }
}
