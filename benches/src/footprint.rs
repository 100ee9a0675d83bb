//! M5 and M6: how big and how quick to start the core is, and what a first visit loads.

use std::{path::Path, time::Duration};

use anyhow::Result;

use crate::{
    model::{self, Script},
    process::{Core, Setup},
};

/// Idle memory, time to readiness and size of the binary.
pub(crate) async fn core(setup: &Setup) -> Result<()> {
    let model = model::start(Script { tokens: 1, pause: None, hold: false }).await?;
    let core = Core::start(setup, &format!("http://{model}/v1")).await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    println!(
        "M5: {:.1} MB idle, ready after {} ms, binary {:.1} MB",
        mb(core.resident_kib()? * 1024),
        core.ready_after.as_millis(),
        mb(std::fs::metadata(&setup.binary)?.len())
    );
    Ok(())
}

/// Bytes of the brotli files that the first page needs.
pub(crate) fn ui(dist: &Path) -> Result<()> {
    let mut total = 0;
    for folder in [dist.to_path_buf(), dist.join("assets")] {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "br") {
                let size = std::fs::metadata(&path)?.len();
                println!("{:>9}  {}", size, path.display());
                total += size;
            }
        }
    }
    println!("M6: {:.1} KiB brotli in all", f64::from(u32::try_from(total)?) / 1024.0);
    Ok(())
}

fn mb(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes / 1000).unwrap_or(u32::MAX)) / 1000.0
}
