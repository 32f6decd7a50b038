/** `<eigen-drift src link view height title>`: the page, or one picture of it, inside of another page. */
export class EigenDrift extends HTMLElement {
    /** The address of what is shown. Throws an `Error` where the attributes name none. */
    get address(): string;
}

declare global {
    interface HTMLElementTagNameMap {
        "eigen-drift": EigenDrift;
    }
}
