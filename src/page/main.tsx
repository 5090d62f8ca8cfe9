import './shell/no-eval.ts';
import { render } from 'preact';
import './style.css';
import { Shell } from './shell/shell.tsx';

render(<Shell />, document.getElementById('page')!);
