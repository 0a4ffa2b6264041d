"""Print the help of every command as Markdown, in the language and width of the environment."""

from local_aws.command.cli import parser


def main() -> None:
    """One section a command."""
    for name, command in parser().commands().items():
        print(f"## almanac {name}\n\n```text\n{command.format_help()}```\n")


if __name__ == "__main__":
    main()
