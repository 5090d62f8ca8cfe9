/** A file that the browser saves. */
export const Download = ({ name, text }: { readonly name: string; readonly text: string }) => (
  <button
    type="button"
    onClick={() => {
      const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
      const link = document.createElement('a');
      link.href = url;
      link.download = name;
      link.click();
      URL.revokeObjectURL(url);
    }}
  >
    Save {name}
  </button>
);
