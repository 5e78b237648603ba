//! What the head of a case says (test262, INTERPRETING.md).

/// One case.
#[derive(Debug, Default)]
pub struct Case {
    pub flags: Vec<String>,
    pub includes: Vec<String>,
    pub features: Vec<String>,
    /// The phase and the type of the error that it is to end with.
    pub negative: Option<(String, String)>,
}

impl Case {
    /// Reads the head: the little of YAML that heads are written in.
    pub fn parse(text: &str) -> Self {
        let mut case = Self::default();
        let head = text
            .split_once("/*---")
            .and_then(|(_, rest)| rest.split_once("---*/"))
            .map_or("", |(head, _)| head);
        let (mut phase, mut error) = (None, None);
        let mut key = String::new();
        for line in head.lines() {
            let trimmed = line.trim();
            if let Some(item) = trimmed.strip_prefix("- ") {
                case.add(&key, item);
            } else if let Some((name, value)) = trimmed.split_once(':') {
                let is_top = !line.starts_with([' ', '\t']);
                match (name, key.as_str()) {
                    ("phase", "negative") => phase = Some(value.trim().to_owned()),
                    ("type", "negative") => error = Some(value.trim().to_owned()),
                    _ if is_top => {
                        key = name.to_owned();
                        let list = value.trim().trim_start_matches('[').trim_end_matches(']');
                        for item in list.split(',').filter(|item| !item.trim().is_empty()) {
                            case.add(&key, item);
                        }
                    }
                    _ => {}
                }
            }
        }
        case.negative = phase.zip(error);
        case
    }

    fn add(&mut self, key: &str, item: &str) {
        let item = item.trim().to_owned();
        match key {
            "flags" => self.flags.push(item),
            "includes" => self.includes.push(item),
            "features" => self.features.push(item),
            _ => {}
        }
    }

    pub fn has_flag(&self, flag: &str) -> bool {
        self.flags.iter().any(|known| known == flag)
    }
}
