//! What can break under a product: done to its files and its neighbours, behind the door's back.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Product;

#[derive(Clone, Copy)]
pub(super) enum Trouble {
    /// The attachments are lost: what the rows name is not there.
    FilesGone,
    /// The disk of the attachments does not answer.
    FilesUnreadable,
    /// Nobody answers where people log in.
    ProviderDown,
}

pub(super) fn cause(product: &Product, trouble: Trouble) {
    match trouble {
        Trouble::FilesGone => each_file(product, |file| {
            fs::rename(file, kept(file)).expect("a file can be moved");
        }),
        Trouble::FilesUnreadable => each_file(product, |file| {
            // A link to itself cannot be opened, not even by root.
            let file = file.with_extension("");
            let _ = fs::remove_file(&file);
            std::os::unix::fs::symlink(&file, &file).expect("a link can be made");
        }),
        Trouble::ProviderDown => {
            product.stop_provider();
            // What is known of the provider is asked for anew.
            product.restart();
        }
    }
}

fn kept(file: &Path) -> PathBuf {
    file.with_extension("kept")
}

fn each_file(product: &Product, work: impl Fn(&Path)) {
    let folders = fs::read_dir(product.data().join("blobs")).expect("attachments were delivered");
    for folder in folders {
        let folder = folder.expect("the folder can be read").path();
        for file in fs::read_dir(folder).expect("the folder can be read") {
            work(&file.expect("the folder can be read").path());
        }
    }
}
