//! The modules of a crate and what each of them names, read from its source.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Item, ItemMod, UseTree};

/// A module's path within its crate; the root is empty.
pub(crate) type Module = Vec<String>;

/// Which modules each module names, tests aside.
pub(crate) type Graph = BTreeMap<Module, BTreeSet<Module>>;

/// Reads the crate whose root file is `root`.
pub(crate) fn graph(root: &Path) -> Graph {
    let mut named = BTreeMap::new();
    read_file(root, root.parent().unwrap(), &Vec::new(), &mut named);
    let modules: BTreeSet<Module> = named.keys().cloned().collect();
    named
        .into_iter()
        .map(|(from, paths)| {
            let to = paths
                .into_iter()
                .filter_map(|path| resolve(&from, path, &modules))
                .filter(|to| *to != from)
                .collect();
            (from, to)
        })
        .collect()
}

/// Every path that a module names, as it is written.
type Named = BTreeMap<Module, BTreeSet<Vec<String>>>;

/// `children` is the folder of the module's child files.
fn read_file(file: &Path, children: &Path, module: &Module, named: &mut Named) {
    let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let parsed = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    if !is_test(&parsed.attrs) {
        read_items(parsed.items, children, module, named);
    }
}

fn read_items(items: Vec<Item>, children: &Path, module: &Module, named: &mut Named) {
    named.entry(module.clone()).or_default();
    for item in items {
        match item {
            Item::Mod(item) => read_module(item, children, module, named),
            Item::Use(item) if is_test(&item.attrs) => {}
            Item::Use(item) => {
                let mut paths = Vec::new();
                use_paths(&item.tree, &mut Vec::new(), &mut paths);
                named.get_mut(module).unwrap().extend(paths);
            }
            item => {
                let mut paths = Vec::new();
                token_paths(item.into_token_stream(), &mut paths);
                named.get_mut(module).unwrap().extend(paths);
            }
        }
    }
}

fn read_module(item: ItemMod, children: &Path, parent: &Module, named: &mut Named) {
    if is_test(&item.attrs) {
        return;
    }
    let name = item.ident.to_string();
    let mut module = parent.clone();
    module.push(name.clone());
    let folder = children.join(&name);
    match item.content {
        Some((_, items)) => read_items(items, &folder, &module, named),
        None => read_file(&file_of(children, &name), &folder, &module, named),
    }
}

fn file_of(children: &Path, name: &str) -> PathBuf {
    let file = children.join(format!("{name}.rs"));
    if file.exists() {
        file
    } else {
        children.join(name).join("mod.rs")
    }
}

/// Whether `#[cfg(test)]`, or a `cfg` of which that is a part, or `#[test]` is among `attributes`.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let text = attribute.to_token_stream().to_string();
        attribute.path().is_ident("test")
            || attribute.path().is_ident("cfg") && text.contains("test") && !text.contains("not")
    })
}

fn use_paths(tree: &UseTree, before: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            use_paths(&path.tree, before, found);
            before.pop();
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                use_paths(tree, before, found);
            }
        }
        UseTree::Name(name) => found.push(with(before, name.ident.to_string())),
        UseTree::Rename(rename) => found.push(with(before, rename.ident.to_string())),
        UseTree::Glob(_) => found.push(before.clone()),
    }
}

fn with(before: &[String], last: String) -> Vec<String> {
    let mut path = before.to_vec();
    path.push(last);
    path
}

/// The paths `a::b::..` among the tokens, those within macros too.
fn token_paths(tokens: TokenStream, found: &mut Vec<Vec<String>>) {
    let mut path: Vec<String> = Vec::new();
    let mut colons = 0;
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                if colons != 2 {
                    found.extend(path_of(&mut path));
                }
                path.push(ident.to_string());
                colons = 0;
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
            other => {
                found.extend(path_of(&mut path));
                colons = 0;
                if let TokenTree::Group(group) = other {
                    token_paths(group.stream(), found);
                }
            }
        }
    }
    found.extend(path_of(&mut path));
}

/// What was collected, where it is a path of more than one name.
fn path_of(path: &mut Vec<String>) -> Option<Vec<String>> {
    let path = std::mem::take(path);
    (path.len() > 1).then_some(path)
}

/// The innermost module that `path` leads to, as it is named in `from`; nothing for other crates.
fn resolve(from: &Module, path: Vec<String>, modules: &BTreeSet<Module>) -> Option<Module> {
    let mut at: Option<Module> = None;
    for name in path {
        at = match (name.as_str(), at) {
            ("crate", None) => Some(Vec::new()),
            ("self", None) => Some(from.clone()),
            ("super", None) => Some(parent(from)),
            ("super", Some(at)) => Some(parent(&at)),
            (_, at) => {
                let started = at.is_some();
                let here = at.unwrap_or_else(|| from.clone());
                let inner = with(&here, name);
                if modules.contains(&inner) {
                    Some(inner)
                } else {
                    return started.then_some(here);
                }
            }
        };
    }
    at
}

fn parent(module: &Module) -> Module {
    let mut parent = module.clone();
    parent.pop();
    parent
}
