# `packaging/release.py formula` fills in what stands in `@…@`, from the archives of a release.
class Crelay < Formula
  desc "Runs the OpenAI Codex CLI on models of other providers"
  homepage "@REPOSITORY@"
  version "@VERSION@"
  license "MIT"

  on_macos do
    on_arm do
      url "@URL aarch64-apple-darwin@"
      sha256 "@SHA256 aarch64-apple-darwin@"
    end
    on_intel do
      url "@URL x86_64-apple-darwin@"
      sha256 "@SHA256 x86_64-apple-darwin@"
    end
  end

  on_linux do
    on_arm do
      url "@URL aarch64-unknown-linux-musl@"
      sha256 "@SHA256 aarch64-unknown-linux-musl@"
    end
    on_intel do
      url "@URL x86_64-unknown-linux-musl@"
      sha256 "@SHA256 x86_64-unknown-linux-musl@"
    end
  end

  def install
    bin.install "crelay"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/crelay.bash" => "crelay"
    fish_completion.install "completions/crelay.fish"
    zsh_completion.install "completions/_crelay"
  end

  test do
    assert_match "crelay #{version}", shell_output("#{bin}/crelay --version")
    assert_match "deepseek", shell_output("#{bin}/crelay providers")
  end
end
