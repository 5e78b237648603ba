import { NavLink, Outlet, ScrollRestoration } from "react-router";
import mark from "../assets/mark.svg";
import styles from "./Layout.module.css";
import { ThemeSwitch } from "./ThemeSwitch";

export function Layout() {
  return (
    <>
      <header className={styles.header}>
        <NavLink to="/" className={styles.brand}>
          <img src={mark} alt="" width={32} height={32} />
          {import.meta.env.VITE_TITLE}
        </NavLink>
        <nav className={styles.nav}>
          <NavLink to="/" end>
            Peaks
          </NavLink>
          <NavLink to="/compare">Compare</NavLink>
          <NavLink to="/guide">Guide</NavLink>
        </nav>
        <ThemeSwitch />
      </header>
      <main className={styles.main}>
        <Outlet />
      </main>
      <footer className={styles.footer}>
        Served as plain files. Contours are drawn, not surveyed.
      </footer>
      <ScrollRestoration />
    </>
  );
}
