//! Setting up crates of every kind.

use std::fs;
use std::path::{Path, PathBuf};

use migrate_build::Dialect;

use super::{Change, Crate, Edit, Error, Options, apply, cargo, plan};

const SQLITE: Options = Options {
    dialect: Dialect::Sqlite,
    server_version: None,
    local: None,
    docker: false,
    github: false,
};

const BARE: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";

/// A crate on disk.
struct Project(tempfile::TempDir);

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        for (path, text) in files {
            let path = project.path(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        project
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    fn load(&self) -> Result<Crate, Error> {
        Crate::load(&self.path("Cargo.toml"), None)
    }

    fn plan(&self) -> Result<Vec<Edit>, Error> {
        plan(&self.load()?, &SQLITE)
    }

    /// What stands in the directory, deep down, with its text.
    fn everything(&self) -> Vec<(PathBuf, String)> {
        fn walk(directory: &Path, all: &mut Vec<(PathBuf, String)>) {
            for entry in fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    all.push((path.clone(), String::new()));
                    walk(&path, all);
                } else {
                    let text = fs::read_to_string(&path).unwrap();
                    all.push((path, text));
                }
            }
        }
        let mut all = Vec::new();
        walk(self.0.path(), &mut all);
        all.sort();
        all
    }
}

/// The words of each call of cargo, the manifest left out.
fn calls(edits: &[Edit]) -> Vec<String> {
    let calls = edits.iter().filter_map(|edit| match edit {
        Edit::Cargo { arguments, .. } => Some(arguments),
        _ => None,
    });
    calls
        .map(|words| {
            let (rest, manifest) = words.split_at(words.len() - 2);
            assert_eq!(manifest[0], "--manifest-path");
            rest.join(" ")
        })
        .collect()
}

/// A cargo that does what `cargo add` would do to a manifest with sections.
fn fake_cargo(arguments: &[String]) -> Result<(), Error> {
    let manifest = Path::new(arguments.last().unwrap());
    let name = arguments[1].split('@').next().unwrap();
    let build = arguments.iter().any(|word| word == "--build");
    let at = arguments.iter().position(|word| word == "--features").unwrap();
    let section = if build { "build-dependencies" } else { "dependencies" };
    let mut text = fs::read_to_string(manifest).unwrap();
    text.push_str(&format!("\n[{section}.{name}]\nfeatures = [\"{}\"]\n", arguments[at + 1]));
    fs::write(manifest, text).unwrap();
    fs::write(manifest.with_file_name("Cargo.lock"), "locked").unwrap();
    Ok(())
}

#[test]
fn a_bare_crate_gets_everything_and_a_second_run_changes_nothing() {
    let project = Project::new(&[("Cargo.toml", BARE), ("src/lib.rs", "")]);
    let edits = project.plan().unwrap();
    assert_eq!(
        calls(&edits),
        [
            "add diesel@2 --features sqlite",
            "add migrate-runtime --features sqlite-bundled",
            "add migrate-build --build --features sqlite",
        ]
    );
    let written = apply(&edits, &mut fake_cargo).unwrap();
    let files: Vec<(PathBuf, Change)> =
        written.into_iter().map(|one| (one.path, one.change)).collect();
    assert_eq!(
        files,
        [
            (project.path("Cargo.toml"), Change::Changed),
            (project.path("Cargo.lock"), Change::Created),
            (project.path("build.rs"), Change::Created),
            (project.path("migrations/.keep"), Change::Created),
        ]
    );
    let manifest = project.text("Cargo.toml");
    let start = format!("{BARE}\n[package.metadata.migrate]\ndialect = \"sqlite\"\n");
    assert!(manifest.starts_with(&start), "{manifest}");
    assert_eq!(project.text("build.rs"), migrate_templates::BUILD_SCRIPT);
    assert_eq!(project.text("migrations/.keep"), "");

    let before = project.everything();
    let edits = project.plan().unwrap();
    assert_eq!(edits, []);
    assert_eq!(apply(&edits, &mut fake_cargo).unwrap(), []);
    assert_eq!(project.everything(), before);
}

#[test]
fn a_manifest_keeps_its_looks() {
    for (before, after) in [
        (
            "# mine\n[package] # here\nname   = \"a\"\n\n[dependencies]\ndiesel = \"2\" # db\n",
            "# mine\n[package] # here\nname   = \"a\"\n\n[package.metadata.migrate]\ndialect = \"sqlite\"\n\n[dependencies]\ndiesel = \"2\" # db\n",
        ),
        (
            "[package]\nname = \"a\"\n[package.metadata.docs.rs]\nall = true\n",
            "[package]\nname = \"a\"\n[package.metadata.docs.rs]\nall = true\n\n[package.metadata.migrate]\ndialect = \"sqlite\"\n",
        ),
        (
            "[package]\nname = \"a\"\n\n[package.metadata.migrate]\n# levels\nlints = {}\n",
            "[package]\nname = \"a\"\n\n[package.metadata.migrate]\n# levels\nlints = {}\ndialect = \"sqlite\"\n",
        ),
        (
            "package = { name = \"a\" }\n",
            "package = { name = \"a\" , metadata.migrate.dialect = \"sqlite\" }\n",
        ),
        (
            "[package]\r\nname = \"a\"\r\n",
            "[package]\r\nname = \"a\"\r\n\r\n[package.metadata.migrate]\r\ndialect = \"sqlite\"\r\n",
        ),
        (
            "[package]\nname = \"a\"\nmetadata.b.c = 1\n",
            "[package]\nname = \"a\"\nmetadata.b.c = 1\n\n[package.metadata.migrate]\ndialect = \"sqlite\"\n",
        ),
    ] {
        let project = Project::new(&[("Cargo.toml", before)]);
        match &project.plan().unwrap()[0] {
            Edit::Replace { after: written, .. } => assert_eq!(written, after),
            edit => panic!("{edit:?}"),
        }
    }
}

#[test]
fn what_a_crate_has_already_is_not_added() {
    for (dependencies, wanted) in [
        (
            "[dependencies]\ndiesel = { version = \"2\", features = [\"sqlite\"] }\n",
            &[
                "add migrate-runtime --features sqlite",
                "add migrate-build --build --features sqlite",
            ][..],
        ),
        (
            "[target.'cfg(unix)'.dependencies]\ndb = { package = \"diesel\", version = \"2\", features = [\"sqlite\"] }\n",
            &[
                "add migrate-runtime --features sqlite",
                "add migrate-build --build --features sqlite",
            ],
        ),
        (
            "[dependencies]\ndiesel = { version = \"2\", features = [\"postgres\"] }\nmigrate-runtime = \"0.1\"\n",
            &[
                "add migrate-runtime --features sqlite-bundled",
                "add migrate-build --build --features sqlite",
            ],
        ),
        (
            "[dependencies]\ndiesel = \"2\"\n[dependencies.migrate-runtime]\nversion = \"0.1\"\nfeatures = [\"sqlite\"]\n[build-dependencies]\nmigrate-build = \"0.1\"\n",
            &["add migrate-build --build --features sqlite"],
        ),
    ] {
        let project = Project::new(&[("Cargo.toml", &format!("{BARE}{dependencies}"))]);
        assert_eq!(calls(&project.plan().unwrap()), wanted, "{dependencies}");
    }
}

#[test]
fn for_a_server_the_system_s_library_is_linked_and_its_version_written() {
    let wanted = |dialect, version: &str| Options {
        dialect,
        server_version: Some(version.parse().unwrap()),
        ..SQLITE
    };
    for (options, configuration, additions) in [
        (
            wanted(Dialect::Postgres, "15"),
            "dialect = \"postgres\"\nserver-version = \"15\"\n",
            [
                "add diesel@2 --features postgres",
                "add migrate-runtime --features postgres",
                "add migrate-build --build --features postgres",
            ],
        ),
        (
            wanted(Dialect::Mysql, "mariadb-10.11"),
            "dialect = \"mysql\"\nserver-version = \"mariadb-10.11\"\n",
            [
                "add diesel@2 --features mysql",
                "add migrate-runtime --features mysql",
                "add migrate-build --build --features mysql",
            ],
        ),
    ] {
        let project = Project::new(&[("Cargo.toml", BARE), ("src/lib.rs", "")]);
        let edits = plan(&project.load().unwrap(), &options).unwrap();
        assert_eq!(calls(&edits), additions);
        apply(&edits, &mut fake_cargo).unwrap();
        assert!(project.text("Cargo.toml").contains(configuration));
        assert_eq!(plan(&project.load().unwrap(), &options).unwrap(), []);
        // Who says nothing of a version leaves the one that is there.
        let silent = Options { server_version: None, ..options };
        assert_eq!(plan(&project.load().unwrap(), &silent).unwrap(), []);
        let other = wanted(options.dialect, "9.6");
        let error = plan(&project.load().unwrap(), &other).unwrap_err().to_string();
        assert!(error.contains("is set up with `server-version = "), "{error}");
    }
}

#[test]
fn a_workspace_says_what_its_members_inherit() {
    let root = "[workspace]\nmembers = [\"app\"]\n[workspace.dependencies]\n\
        diesel = { version = \"2\", features = [\"sqlite\"] }\n";
    let member = format!("{BARE}[dependencies]\ndiesel.workspace = true\n");
    let wanted =
        ["add migrate-runtime --features sqlite", "add migrate-build --build --features sqlite"];
    let named = member.replace("[dependencies]", "workspace = \"..\"\n[dependencies]");
    for member in [&member, &named] {
        let project = Project::new(&[("Cargo.toml", root), ("app/Cargo.toml", member)]);
        let krate = Crate::load(&project.path("app/Cargo.toml"), None).unwrap();
        let edits = plan(&krate, &SQLITE).unwrap();
        assert_eq!(calls(&edits), wanted);
        // The lock file stands beside the workspace's manifest.
        let lock = fs::canonicalize(project.path("")).unwrap().join("Cargo.lock");
        assert!(
            matches!(&edits[1], Edit::Cargo { files, .. } if files.contains(&lock)),
            "{edits:?}"
        );
    }
    let own = format!("{root}{member}");
    assert_eq!(calls(&Project::new(&[("Cargo.toml", &own)]).plan().unwrap()), wanted);
}

#[test]
fn crates_can_come_from_a_directory() {
    let project = Project::new(&[("Cargo.toml", BARE)]);
    let options = Options { local: Some("/src/crates".into()), ..SQLITE };
    let calls = calls(&plan(&project.load().unwrap(), &options).unwrap());
    assert_eq!(
        calls[1..],
        [
            "add migrate-runtime --path /src/crates/migrate-runtime --features sqlite-bundled",
            "add migrate-build --path /src/crates/migrate-build --build --features sqlite",
        ]
    );
}

#[test]
fn cargo_itself_adds_them() {
    let library = "[package]\nname = \"NAME\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
        [features]\nsqlite = []\nsqlite-bundled = [\"sqlite\"]\n[workspace]\n";
    let local = |name: &str| library.replace("NAME", name);
    let manifest =
        format!("{BARE}\n[workspace]\n\n[dependencies]\ndiesel = {{ path = \"../diesel\" }}\n");
    let project = Project::new(&[
        ("app/Cargo.toml", &manifest),
        ("app/src/lib.rs", ""),
        ("diesel/Cargo.toml", &local("diesel")),
        ("diesel/src/lib.rs", ""),
        ("migrate-runtime/Cargo.toml", &local("migrate-runtime")),
        ("migrate-runtime/src/lib.rs", ""),
        ("migrate-build/Cargo.toml", &local("migrate-build")),
        ("migrate-build/src/lib.rs", "pub fn verify() {}"),
    ]);
    let load = || Crate::load(&project.path("app/Cargo.toml"), None).unwrap();
    let options = Options { local: Some(project.path("")), ..SQLITE };
    let written = apply(&plan(&load(), &options).unwrap(), &mut cargo).unwrap();
    assert!(written.iter().any(|one| one.path == project.path("app/Cargo.lock")), "{written:?}");
    let manifest = project.text("app/Cargo.toml");
    for line in [
        "[package.metadata.migrate]\ndialect = \"sqlite\"\n",
        "migrate-runtime = { version = \"0.1.0\", path = \"../migrate-runtime\", features = [\"sqlite-bundled\"] }\n",
        "[build-dependencies]\nmigrate-build = { version = \"0.1.0\", path = \"../migrate-build\", features = [\"sqlite\"] }\n",
    ] {
        assert!(manifest.contains(line), "{manifest}");
    }
    assert_eq!(plan(&load(), &options).unwrap(), []);
}

#[test]
fn a_build_script_is_extended_wherever_it_is() {
    let script = "fn main() {\n    go();\n}\n";
    let manifest = format!("{BARE}build = \"build/main.rs\"\n");
    let project = Project::new(&[("Cargo.toml", &manifest), ("build/main.rs", script)]);
    apply(&project.plan().unwrap(), &mut fake_cargo).unwrap();
    let wanted = "fn main() {\n    migrate_build::verify();\n    go();\n}\n";
    assert_eq!(project.text("build/main.rs"), wanted);
    assert!(!project.path("build.rs").exists());
    assert_eq!(project.plan().unwrap(), []);
}

#[test]
fn migrations_that_are_there_are_left_alone() {
    let project = Project::new(&[("Cargo.toml", BARE), ("migrations/1_a/up.sql", "SELECT 1;")]);
    apply(&project.plan().unwrap(), &mut fake_cargo).unwrap();
    assert_eq!(fs::read_dir(project.path("migrations")).unwrap().count(), 1);

    let project = Project::new(&[("Cargo.toml", BARE)]);
    let krate = Crate::load(&project.path("Cargo.toml"), Some("db/sql")).unwrap();
    apply(&plan(&krate, &SQLITE).unwrap(), &mut fake_cargo).unwrap();
    assert!(project.path("db/sql/.keep").exists());
    assert!(project.text("Cargo.toml").contains("dialect = \"sqlite\"\ndir = \"db/sql\"\n"));
    // From now on the configuration says where they are.
    assert_eq!(project.load().unwrap().directory(), "db/sql");
    assert_eq!(project.plan().unwrap(), []);
    let error = Crate::load(&project.path("Cargo.toml"), Some("other")).unwrap_err().to_string();
    assert!(error.contains("set up with `dir = \"db/sql\"`, not with `other`"), "{error}");
}

#[test]
fn a_crate_with_several_databases_keeps_its_configuration() {
    let manifest = format!(
        "{BARE}[package.metadata.migrate.databases.main]\ndialect = \"sqlite\"\ndir = \"db/main\"\n"
    );
    let project = Project::new(&[("Cargo.toml", &manifest)]);
    let edits = project.plan().unwrap();
    assert!(matches!(edits.last(), Some(Edit::Create { path, .. }) if path.ends_with("build.rs")));
    assert_eq!(calls(&edits).len(), edits.len() - 1, "{edits:?}");
}

#[test]
fn what_cannot_be_understood_is_said_and_left_alone() {
    let with = |line: &str| format!("{BARE}{line}\n");
    let migrate = |line: &str| with(&format!("[package.metadata.migrate]\n{line}"));
    for (files, why) in [
        (&[][..], "there is no `"),
        (&[("Cargo.toml", "[package]\nname = = 1\n".to_owned())], "Cargo.toml:2:8: "),
        (&[("Cargo.toml", "[workspace]\n".to_owned())], "is not the manifest of a package"),
        (&[("Cargo.toml", with("workspace = \"nowhere\""))], "could not find `"),
        (&[("Cargo.toml", with("build = false"))], "`build = false`"),
        (&[("Cargo.toml", with("build = [\"a.rs\"]"))], "`build = [\"a.rs\"]`"),
        (
            &[("Cargo.toml", migrate("dialect = \"postgres\""))],
            "set up with `dialect = \"postgres\"`, not with `sqlite`",
        ),
        (&[("Cargo.toml", migrate("dialect = 1"))], "set up with `dialect = \"1\"`"),
        (&[("Cargo.toml", with("metadata = 1"))], "write `dialect = \"sqlite\"`"),
        (
            &[("Cargo.toml", BARE.to_owned()), ("build.rs", "main!();".to_owned())],
            "add `migrate_build::verify();`",
        ),
        (
            &[("Cargo.toml", BARE.to_owned()), ("migrations", "a file".to_owned())],
            "could not list `",
        ),
    ] {
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, &**text)).collect();
        let project = Project::new(&files);
        let before = project.everything();
        let error = project.plan().unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
        assert_eq!(project.everything(), before);
    }
}

#[test]
fn a_failure_takes_everything_back() {
    let lock = "version = 4\n";
    let project = Project::new(&[("Cargo.toml", BARE), ("Cargo.lock", lock), ("src/lib.rs", "")]);
    let before = project.everything();
    let edits = project.plan().unwrap();

    // The registry is not there for the second call.
    let mut count = 0;
    let mut offline = |arguments: &[String]| {
        count += 1;
        fake_cargo(arguments)?;
        if count == 2 { Err(Error::failed("no network")) } else { Ok(()) }
    };
    assert_eq!(apply(&edits, &mut offline).unwrap_err().to_string(), "no network");
    assert_eq!(project.everything(), before);

    // A directory in the place of the last file.
    let mut late = |arguments: &[String]| {
        fs::create_dir_all(project.path("migrations/.keep")).unwrap();
        fake_cargo(arguments)
    };
    let error = apply(&edits, &mut late).unwrap_err().to_string();
    assert!(error.starts_with("could not create `"), "{error}");
    fs::remove_dir_all(project.path("migrations")).unwrap();
    assert_eq!(project.everything(), before);

    // What cannot be put back is said: a directory took the lock file's place.
    let mut hostile = |_: &[String]| {
        fs::remove_file(project.path("Cargo.lock")).unwrap();
        fs::create_dir(project.path("Cargo.lock")).unwrap();
        Err(Error::failed("no network"))
    };
    let error = apply(&edits, &mut hostile).unwrap_err().to_string();
    assert!(error.contains("Cargo.lock` could not be put back as it was: "), "{error}");
}

#[test]
fn nothing_is_written_when_a_file_is_in_the_way() {
    let project = Project::new(&[("Cargo.toml", BARE), ("src/lib.rs", "")]);
    let edits = project.plan().unwrap();
    let refused = |why: &str| {
        let before = project.everything();
        let mut never = |_: &[String]| -> Result<(), Error> { panic!("cargo was called") };
        let error = apply(&edits, &mut never).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
        assert_eq!(project.everything(), before);
    };
    fs::write(project.path("build.rs"), "fn main() {}").unwrap();
    refused("build.rs` exists already");
    fs::remove_file(project.path("build.rs")).unwrap();

    fs::write(project.path("Cargo.toml"), "[package]\n").unwrap();
    refused("Cargo.toml` has just been changed");
    fs::write(project.path("Cargo.toml"), BARE).unwrap();

    let set_read_only = |path: &str, read_only: bool| {
        let mut permissions = fs::metadata(project.path(path)).unwrap().permissions();
        permissions.set_readonly(read_only);
        fs::set_permissions(project.path(path), permissions).unwrap();
    };
    set_read_only("Cargo.toml", true);
    refused("Cargo.toml` is read-only");
    set_read_only("Cargo.toml", false);
    fs::write(project.path("Cargo.lock"), "").unwrap();
    set_read_only("Cargo.lock", true);
    refused("Cargo.lock` is read-only");
}

#[test]
fn what_cargo_says_when_it_fails_is_shown() {
    let project = Project::new(&[("Cargo.toml", BARE), ("src/lib.rs", "")]);
    let path = project.path("Cargo.toml").display().to_string();
    let words = ["add", "a", "--path", "/nonexistent", "--manifest-path", &path];
    let error = cargo(&words.map(str::to_owned)).unwrap_err().to_string();
    assert!(error.starts_with("`cargo add a --path /nonexistent "), "{error}");
    assert!(error.contains("\n  = help: error: "), "{error}");
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_a_mode_stays_a_mode() {
    use std::os::unix::fs::PermissionsExt as _;
    let project = Project::new(&[("real/Cargo.toml", BARE)]);
    let real = project.path("real/Cargo.toml");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("real/Cargo.toml", project.path("Cargo.toml")).unwrap();
    let edits = project.plan().unwrap();
    apply(&edits[..1], &mut fake_cargo).unwrap();
    assert!(fs::symlink_metadata(project.path("Cargo.toml")).unwrap().is_symlink());
    assert!(project.text("real/Cargo.toml").contains("dialect = \"sqlite\""));
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_dir(project.path("real")).unwrap().count(), 1);
}
