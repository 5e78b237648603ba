import ridges from "../assets/ridges.png";
import styles from "./Guide.module.scss";

const chapters = Object.entries(
  import.meta.glob<string>("../guide/*.txt", { eager: true, query: "?raw", import: "default" }),
);

/** One chapter for each file in `guide/`: its first line is the heading, blank lines part paragraphs. */
export function Guide() {
  return (
    <article className={styles.guide} data-chapters={chapters.length}>
      <div className={styles.banner}>
        <img src={ridges} alt="Ridges, one behind the other" data-banner />
        <h1>Reading a mountain</h1>
      </div>
      {chapters.map(([path, text]) => {
        const [heading, ...rest] = text.trim().split("\n");
        return (
          <section key={path} className={styles.chapter}>
            <h2>{heading}</h2>
            {rest
              .join("\n")
              .trim()
              .split(/\n{2,}/)
              .map((paragraph) => (
                <p key={paragraph}>{paragraph}</p>
              ))}
          </section>
        );
      })}
    </article>
  );
}
